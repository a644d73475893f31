import type { Column, Row, RowStream } from '../../src/engines/engine.js';

/** Rows as a stream of chunks of `chunkSize`. */
export function rowStream(columns: readonly Column[], rows: readonly Row[], chunkSize = 2): RowStream {
  async function* chunks() {
    for (let at = 0; at < rows.length; at += chunkSize) yield rows.slice(at, at + chunkSize);
  }
  return { columns, chunks: chunks() };
}

/** One column of one type. */
export function oneColumn(type: Column['type'], values: Row, name = 'value'): RowStream {
  return rowStream(
    [{ name, type }],
    values.map((value) => [value]),
  );
}

/** All of a stream's text. */
export async function textOf(blocks: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const block of blocks) text += block;
  return text;
}
