const BLOCK_CHARACTERS = 64 * 1024;

export interface LineOptions<Item> {
  readonly chunks: AsyncIterable<readonly Item[]>;
  /** One item as text, with its line end; `index` counts all items from 0. */
  readonly line: (item: Item, index: number) => string;
}

/** Rows as blocks of text of about 64 Ki characters, so that a reader waits once for many rows. */
export async function* joinLines<Item>({ chunks, line }: LineOptions<Item>): AsyncIterable<string> {
  let block = '';
  let index = 0;
  for await (const chunk of chunks) {
    for (const item of chunk) {
      block += line(item, index++);
      if (block.length < BLOCK_CHARACTERS) continue;
      yield block;
      block = '';
    }
  }
  if (block !== '') yield block;
}
