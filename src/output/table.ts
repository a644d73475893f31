import type { Row, RowStream } from '../engines/engine.js';
import { fitColumns } from './fit-columns.js';
import { renderFramedRows } from './framed-rows.js';
import { renderRecordList } from './record-list.js';
import { fitText, tableCells, type TableCell } from './table-cell.js';

export interface TableOptions extends RowStream {
  /** Columns of the terminal; undefined (or 0) where there is none: then nothing is shortened. */
  readonly width?: number | undefined;
  readonly colour?: boolean | undefined;
}

/** What a table is measured by before its first line can be written. */
const SAMPLE_ROWS = 10_000;
const SAMPLE_CHARACTERS = 8 * 1024 * 1024;

/**
 * Rows as a table in a frame, with `(0 rows)` below it where there are none. Within `width` columns long values are
 * shortened with `…`; where not even that fits, each row is a list of `name: value` lines. The first 10,000 rows (or 8 Mi
 * characters) give the widths; later rows are streamed at the same widths, so that memory stays bounded.
 */
export async function* renderTable(options: TableOptions): AsyncIterable<string> {
  const { columns, colour = false } = options;
  const width = options.width === 0 ? undefined : options.width;
  const blocks = cellBlocks(options, width);
  try {
    const { sample, moreFollow } = await takeSample(blocks);
    const names = columns.map(({ name }) => fitText(name, width));
    const widths = fitColumns({ columns, names, rows: sample, moreFollow, width });
    const chunks = continueAfter(sample, blocks);
    if (width !== undefined && widths === undefined) {
      yield* renderRecordList({ names, chunks, width, colour });
    } else {
      const shortened = width !== undefined;
      yield* renderFramedRows({ columns, names, chunks, widths: widths ?? [], shortened, colour });
    }
    if (sample.length === 0) yield '(0 rows)\n';
  } finally {
    await blocks.return(undefined);
  }
}

type CellRow = readonly TableCell[];

async function* cellBlocks({ columns, chunks }: RowStream, width: number | undefined): AsyncGenerator<CellRow[], void> {
  const types = columns.map((column) => column.type);
  for await (const chunk of chunks) yield chunk.map((row: Row) => tableCells(row, types, width));
}

interface Sample {
  readonly sample: readonly CellRow[];
  /** Whether there may be rows after these. */
  readonly moreFollow: boolean;
}

async function takeSample(blocks: AsyncGenerator<CellRow[], void>): Promise<Sample> {
  const sample: CellRow[] = [];
  let characters = 0;
  while (sample.length < SAMPLE_ROWS && characters < SAMPLE_CHARACTERS) {
    const { value: block } = await blocks.next();
    if (!block) return { sample, moreFollow: false };
    for (const row of block) {
      sample.push(row);
      characters += row.reduce((total, cell) => total + (cell?.length ?? 0), 0);
    }
  }
  return { sample, moreFollow: true };
}

async function* continueAfter(sample: readonly CellRow[], blocks: AsyncIterable<readonly CellRow[]>) {
  yield sample;
  yield* blocks;
}
