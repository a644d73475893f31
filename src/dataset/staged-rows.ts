import { closeSync, openSync, writeSync } from 'node:fs';
import type { WrittenRows } from '../records/record-kernel.js';

/**
 * The dialect of staged rows: CSV whose delimiter, quote and NULL are control characters, which JSON text cannot hold
 * outside of escapes, so that nearly every value is a plain copy of the record's bytes.
 */
const DELIMITER = 0x1f;
const QUOTE = 0x1e;
const NULL_MARK = 0x1d;
const NEWLINE = 0x0a;

const INITIAL_BYTES = 256 * 1024;
const WRITE_BYTES = 4 * 1024 * 1024;

/** The options of DuckDB's `read_csv` for files that StagedRows wrote. */
export function readStagedOptions(longestRow: number): string {
  const maxLine = Math.max(2 * 1024 * 1024, longestRow + 1024);
  // The engine's own choice is 16 times the longest line: a gigabyte for one record of 64 MB. Each buffer is one thread's work.
  const buffer = Math.max(8 * 1024 * 1024, 2 * maxLine);
  return [
    'auto_detect = false',
    'header = false',
    `delim = '\x1f'`,
    `quote = '\x1e'`,
    `escape = '\x1e'`,
    `nullstr = '\x1d'`,
    'allow_quoted_nulls = false',
    `comment = ''`,
    String.raw`new_line = '\n'`,
    'strict_mode = true',
    `max_line_size = ${maxLine}`,
    `buffer_size = ${buffer}`,
  ].join(', ');
}

/** Rows that are in a file. */
export interface TakenRows {
  readonly path: string;
  readonly rows: number;
  /** In bytes, with its line feed. */
  readonly longestRow: number;
}

/** Rows of text on their way into the engine: a buffer, and the file that it is written to. */
export class StagedRows {
  /** Rows since the last `take`. */
  rows = 0;
  /** Bytes since the last `take`. */
  bytes = 0;
  /** The longest row since the last `take`, in bytes. */
  longestRow = 0;

  readonly #newPath: () => string;
  #path: string | undefined;
  #file = -1;
  #buffer = Buffer.allocUnsafe(INITIAL_BYTES);
  #length = 0;
  #rowStart = 0;
  #firstValue = true;

  constructor(newPath: () => string) {
    this.#newPath = newPath;
  }

  addNull(): void {
    this.#open(1);
    this.#buffer[this.#length++] = NULL_MARK;
  }

  /** A whole number of the program's own. */
  addInteger(value: number): void {
    const text = String(value);
    this.#open(text.length);
    for (let i = 0; i < text.length; i++) this.#buffer[this.#length++] = text.charCodeAt(i);
  }

  /** Text that holds none of the dialect's characters and no line break. */
  addPlain(bytes: Uint8Array, start: number, end: number): void {
    this.#open(end - start);
    this.#copy(bytes, start, end);
  }

  /** Any text. */
  addText(text: string): void {
    const bytes = Buffer.from(text, 'utf8');
    this.addBytes(bytes, 0, bytes.length);
  }

  /** Any UTF-8 text, as bytes. */
  addBytes(bytes: Uint8Array, start: number, end: number): void {
    let controls = 0;
    let quotes = 0;
    for (let i = start; i < end; i++) {
      if (bytes[i]! < 0x20) controls++;
      if (bytes[i] === QUOTE) quotes++;
    }
    if (controls === 0) {
      this.addPlain(bytes, start, end);
      return;
    }
    this.#open(end - start + quotes + 2);
    this.#buffer[this.#length++] = QUOTE;
    for (let i = start; i < end; i++) {
      if (bytes[i] === QUOTE) this.#buffer[this.#length++] = QUOTE;
      this.#buffer[this.#length++] = bytes[i]!;
    }
    this.#buffer[this.#length++] = QUOTE;
  }

  endRow(): void {
    this.#reserve(1);
    this.#buffer[this.#length++] = NEWLINE;
    const row = this.#length - this.#rowStart;
    this.rows++;
    this.bytes += row;
    if (row > this.longestRow) this.longestRow = row;
    this.#firstValue = true;
    if (this.#length >= WRITE_BYTES) this.#write();
    this.#rowStart = this.#length;
  }

  /** Whole rows in this dialect. */
  addRows(bytes: Uint8Array, { count, longest }: WrittenRows): void {
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
    this.rows += count;
    this.bytes += bytes.length;
    if (longest > this.longestRow) this.longestRow = longest;
    if (this.#length >= WRITE_BYTES) this.#write();
    this.#rowStart = this.#length;
  }

  /** Writes what is held and gives the file with all rows since the last call; undefined where there are none. */
  take(): TakenRows | undefined {
    if (this.rows === 0) return undefined;
    this.#write();
    this.#rowStart = 0;
    closeSync(this.#file);
    const taken = { path: this.#path!, rows: this.rows, longestRow: this.longestRow };
    this.#path = undefined;
    this.rows = 0;
    this.bytes = 0;
    this.longestRow = 0;
    return taken;
  }

  #open(bytes: number): void {
    this.#reserve(bytes + 1);
    if (this.#firstValue) this.#firstValue = false;
    else this.#buffer[this.#length++] = DELIMITER;
  }

  #copy(bytes: Uint8Array, start: number, end: number): void {
    const buffer = this.#buffer;
    let at = this.#length;
    if (end - start < 48) for (let i = start; i < end; i++) buffer[at++] = bytes[i]!;
    else {
      buffer.set(bytes.subarray(start, end), at);
      at += end - start;
    }
    this.#length = at;
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2));
    larger.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = larger;
  }

  #write(): void {
    if (this.#path === undefined) {
      this.#path = this.#newPath();
      this.#file = openSync(this.#path, 'wx', 0o600);
    }
    for (let at = 0; at < this.#length;) at += writeSync(this.#file, this.#buffer, at, this.#length - at);
    this.#length = 0;
  }
}
