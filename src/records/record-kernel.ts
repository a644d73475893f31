import { loadScanRows, type ScanRows } from './load-scan-rows.js';
import type { ShapeNode } from './record-shapes.js';

/** Takes rows that were written for it. */
export interface RowSink {
  /** Takes rows in the dialect of staged rows. The bytes hold only until the next record is read. */
  addRows(bytes: Uint8Array, about: WrittenRows): void;
}

export interface WrittenRows {
  readonly count: number;
  /** The longest row's bytes, with its line feed. */
  readonly longest: number;
}

/** A column behind the first one: a member's value, the same text in every row, the members without a column, or the row's marks. */
export type RowColumn =
  | MemberColumn
  | { readonly text: string }
  /** These members with their keys, as JSON without braces; NULL where there are none. */
  | { readonly rest: readonly number[] }
  /** The marks of the row's columns, one after the other; NULL where there are none. */
  | { readonly marks: true };

export interface MemberColumn {
  /** The member that fills it, or -1. */
  readonly source: number;
  /** It holds JSON: text keeps its quotes and escapes. */
  readonly isJson: boolean;
  /** Leaves a mark (an ASCII character) in the row where the value is neither null nor of the kind that is wanted. */
  readonly marked?: { readonly unless: 'text' | 'other'; readonly mark: string };
}

/** How records of one shape become rows. */
export interface RowPlan {
  readonly sink: RowSink;
  readonly columns: readonly RowColumn[];
}

/** Bytes that may hold records, from the beginning of one on. */
export interface RecordRun {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  /** Whether the records are the elements of a list; otherwise line feeds or nothing lie between them. */
  readonly inList: boolean;
  /** Nothing follows behind `end`. */
  readonly last: boolean;
}

/** What was taken of a run: up to where, and whether that is behind a comma. */
export interface TakenRun {
  readonly next: number;
  readonly afterComma: boolean;
}

const PAGE_BYTES = 64 * 1024;
/** The program's own tables lie below. */
const TREE_START = PAGE_BYTES;
const TREE_BYTES = 1024 * 1024;
const PREFIX_START = TREE_START + TREE_BYTES;
const PREFIX_BYTES = 64;
/** So much is looked at in one call at the most; it stays in the processor's cache. */
const MAX_WINDOW_BYTES = 256 * 1024;
const MIN_WINDOW_BYTES = 16 * 1024;
/** As many zero bytes as the program may read behind the input. */
const PADDING = 64;
const INPUT_START = PREFIX_START + PREFIX_BYTES;
const ROWS_START = INPUT_START + MAX_WINDOW_BYTES + PADDING;
const ROWS_END = ROWS_START + 2 * MAX_WINDOW_BYTES;
const PAGES = Math.ceil((ROWS_END + PADDING) / PAGE_BYTES);

/** The layout of a node, in 32-bit numbers; see `kernel/scan-record.ts`. That of a plan is told in `kernel/write-row.ts`. */
const NODE = { key: 0, keyLength: 1, child: 2, sibling: 3, plan: 5, size: 6 } as const;
/** How a plan names columns that no member fills, and how members are written; see `kernel/write-row.ts`. */
const OTHER_COLUMN = { text: -2, rest: -3, marks: -4 } as const;
const HOW = { json: 1, unlessText: 2, unlessOther: 4 } as const;
/** Records with more keys are refused by the program. */
const MAX_MEMBERS = 512;
/** More keys than this behind one sequence are hostile, or names that are data: looking through them would take long. */
const MAX_CHILDREN = 64;
/** What is left of a window when the record at its end is taken to be cut, not refused. */
const MAX_CUT_BYTES = 64 * 1024;
/** When records are refused one after the other, so many are left to the careful reader before the next try. */
const MAX_PAUSE = 64;

/**
 * Reads runs of records that leave no doubt straight into rows, many times faster than the careful reader. It knows the key
 * sequences that it was taught, takes only what the careful reader would take, and writes it in the same way; it stops
 * before everything else: damaged records, escapes that engines refuse, line breaks within a record, unknown keys.
 */
export class RecordKernel {
  readonly #program: ScanRows;
  readonly #bytes: Uint8Array;
  readonly #numbers: Int32Array;
  readonly #nodes = new WeakMap<ShapeNode, number>();
  readonly #children = new Map<number, number>();
  readonly #sinks: RowSink[] = [];
  readonly #root: number;
  #free = TREE_START;
  #isFull = false;
  #window = MIN_WINDOW_BYTES;
  #pause = 0;
  #untilNextTry = 0;

  constructor() {
    const { program, memory } = loadScanRows(PAGES);
    this.#program = program;
    this.#bytes = new Uint8Array(memory);
    this.#numbers = new Int32Array(memory);
    this.#root = this.#takeRoom(NODE.size * 4) ?? 0;
    this.setFirstColumn('');
  }

  /** What the first column of the rows to come holds: a number of the program's own. */
  setFirstColumn(text: string): void {
    const { written } = new TextEncoder().encodeInto(text, this.#bytes.subarray(PREFIX_START, INPUT_START));
    this.#program.setRows(ROWS_START, ROWS_END, PREFIX_START, written);
  }

  /** Teaches what becomes of records with the keys of `shape`. What there is no room for is not learnt. */
  learn(shape: ShapeNode, { sink, columns }: RowPlan): void {
    if (this.#isFull) return;
    const node = this.#nodeOf(shape);
    if (node === undefined || this.#numbers[node / 4 + NODE.plan] !== 0) return;
    const numbers = columns.flatMap((column) => this.#describe(column, shape));
    const at = this.#place([this.#numberOf(sink), columns.length, ...numbers]);
    if (at === undefined) return;
    this.#numbers[node / 4 + NODE.plan] = at;
  }

  /** Takes as many records of the run as it can; undefined where that is none. */
  take(run: RecordRun): TakenRun | undefined {
    if (this.#sinks.length === 0 || this.#untilNextTry-- > 0) return undefined;
    const left = run.end - run.start;
    for (;;) {
      const length = Math.min(left, this.#window);
      this.#scan(run, length);
      if (this.#program.rowCount() > 0) return this.#handOver(run, length);
      if (length === left || length === MAX_WINDOW_BYTES) break;
      this.#window = Math.min(MAX_WINDOW_BYTES, 4 * this.#window);
    }
    this.#pause = Math.min(MAX_PAUSE, 2 * this.#pause + 1);
    this.#untilNextTry = this.#pause;
    this.#window = MIN_WINDOW_BYTES;
    return undefined;
  }

  #scan({ bytes, start, end, inList, last }: RecordRun, length: number): void {
    this.#bytes.set(bytes.subarray(start, start + length), INPUT_START);
    const inputEnd = INPUT_START + length;
    this.#bytes.fill(0, inputEnd, inputEnd + PADDING);
    if (inList) this.#program.scanList(this.#root, INPUT_START);
    else this.#program.scanLines(this.#root, INPUT_START, inputEnd, last && start + length === end);
  }

  #handOver(run: RecordRun, length: number): TakenRun {
    const program = this.#program;
    const taken = program.position() - INPUT_START;
    this.#pause = 0;
    this.#untilNextTry = length - taken > MAX_CUT_BYTES ? 1 : 0;
    this.#window = Math.min(MAX_WINDOW_BYTES, Math.max(MIN_WINDOW_BYTES, 2 * taken));
    this.#sinks[program.rowSink() - 1]?.addRows(this.#bytes.subarray(ROWS_START, program.rowsEnd()), {
      count: program.rowCount(),
      longest: program.longestRow(),
    });
    return { next: run.start + taken, afterComma: program.isBehindComma() !== 0 };
  }

  /** The program's node of a key sequence; undefined where it cannot be one. */
  #nodeOf(shape: ShapeNode): number | undefined {
    const missing: ShapeNode[] = [];
    let node: number | undefined;
    for (let at = shape; node === undefined && missing.length <= MAX_MEMBERS;) {
      if (at.parent === undefined) node = this.#root;
      else if ((node = this.#nodes.get(at)) === undefined) {
        missing.push(at);
        at = at.parent;
      }
    }
    for (const each of missing.reverse()) node = node === undefined ? undefined : this.#addNode(each, node);
    return node;
  }

  /** A key that may hold the records of an envelope is the careful reader's business. */
  #addNode(shape: ShapeNode, parent: number): number | undefined {
    const { key, holdsRecords } = shape;
    const siblings = this.#children.get(parent) ?? 0;
    if (holdsRecords || siblings === MAX_CHILDREN) return undefined;
    const node = this.#takeRoom(NODE.size * 4 + Math.ceil((key.length + PADDING) / 8) * 8);
    if (node === undefined) return undefined;
    const keyStart = node + NODE.size * 4;
    this.#bytes.set(key, keyStart);
    // With its closing quote it is compared in one go.
    this.#bytes[keyStart + key.length] = 0x22;
    const numbers = this.#numbers;
    numbers[node / 4 + NODE.key] = keyStart;
    numbers[node / 4 + NODE.keyLength] = key.length;
    numbers[node / 4 + NODE.sibling] = numbers[parent / 4 + NODE.child]!;
    numbers[parent / 4 + NODE.child] = node;
    this.#children.set(parent, siblings + 1);
    this.#nodes.set(shape, node);
    return node;
  }

  /** A column as two numbers of a plan. Where there is no room for it, the plan will find none either. */
  #describe(column: RowColumn, shape: ShapeNode): readonly [number, number] {
    if ('source' in column) return [column.source, howOf(column)];
    if ('marks' in column) return [OTHER_COLUMN.marks, 0];
    if ('text' in column) return [OTHER_COLUMN.text, this.#placeText(Buffer.from(column.text)) ?? 0];
    if (column.rest.length === 0) return [-1, 0];
    return [OTHER_COLUMN.rest, this.#placeRest(column.rest, shape) ?? 0];
  }

  #placeRest(rest: readonly number[], shape: ShapeNode): number | undefined {
    const keys: Uint8Array[] = [];
    for (let at = shape; at.parent !== undefined; at = at.parent) keys.unshift(at.key);
    const members = rest.flatMap((member) => {
      const key = Buffer.concat([Buffer.from('"'), keys[member]!, Buffer.from('":')]);
      return [member, (this.#placeText(key) ?? 0) + 4, key.length];
    });
    return this.#place([rest.length, ...members]);
  }

  /** Puts a text down, its length before it. */
  #placeText(text: Uint8Array): number | undefined {
    const at = this.#takeRoom(4 + Math.ceil((text.length + PADDING) / 8) * 8);
    if (at === undefined) return undefined;
    this.#numbers[at / 4] = text.length;
    this.#bytes.set(text, at + 4);
    return at;
  }

  #place(numbers: readonly number[]): number | undefined {
    const at = this.#takeRoom(numbers.length * 4);
    if (at !== undefined) this.#numbers.set(numbers, at / 4);
    return at;
  }

  #numberOf(sink: RowSink): number {
    const index = this.#sinks.indexOf(sink);
    return index < 0 ? this.#sinks.push(sink) : index + 1;
  }

  #takeRoom(bytes: number): number | undefined {
    const at = this.#free;
    if (at + bytes > PREFIX_START) this.#isFull = true;
    if (this.#isFull) return undefined;
    this.#free = at + bytes;
    return at;
  }
}

function howOf({ isJson, marked }: MemberColumn): number {
  const json = isJson ? HOW.json : 0;
  if (marked === undefined) return json;
  return json | (marked.unless === 'text' ? HOW.unlessText : HOW.unlessOther) | (marked.mark.charCodeAt(0) << 8);
}
