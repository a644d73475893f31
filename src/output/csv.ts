import type { Column, ColumnType, RowStream, Value } from '../engines/engine.js';
import { joinLines } from './join-lines.js';
import { disarmCommands, replaceUnsafe, sanitizeForTerminal } from './sanitize.js';

export interface CsvOptions extends RowStream {
  /** Values as they are: no formula protection, no visible escapes. */
  readonly csvRaw?: boolean | undefined;
}

/**
 * Rows as CSV (RFC 4180): a header line, CRLF line ends, NULL an empty field, empty text `""`.
 * Text that a spreadsheet would take for a formula gets a `'` in front (CWE-1236, ASVS 1.2.10), numbers do not; control,
 * bidi and invisible characters other than tabs and line breaks, which RFC 4180 has no place for, become visible escapes, and
 * so does what a CI service would take for a command.
 */
export async function* renderCsv({ columns, chunks, csvRaw = false }: CsvOptions): AsyncIterable<string> {
  const protect = csvRaw ? (text: string) => text : protectText;
  yield `${columns.map((column) => quote(protect(column.name))).join(',')}\r\n`;
  const types = columns.map((column: Column) => column.type);
  yield* joinLines({
    chunks,
    line: (row) => `${types.map((type, at) => field(row[at] ?? null, { type, protect })).join(',')}\r\n`,
  });
}

interface FieldOptions {
  readonly type: ColumnType;
  readonly protect: (text: string) => string;
}

function field(value: Value, { type, protect }: FieldOptions): string {
  if (value === null) return '';
  const isNumber = typeof value !== 'string' || (type === 'decimal' && DECIMAL.test(value));
  return isNumber ? String(value) : quote(protect(value));
}

const DECIMAL = /^-?\d+(\.\d+)?$/;

const FORMULA_START = /^[=+\-@\t\r\n\0＝＋－＠]/;

function protectText(text: string): string {
  const shown = replaceUnsafe(text.replaceAll(LONE_CARRIAGE_RETURN, '\\r'), (character) =>
    LAID_OUT.has(character) ? character : sanitizeForTerminal(character),
  );
  const inert = disarmCommands(shown);
  return FORMULA_START.test(text) ? `'${inert}` : inert;
}

/** On a terminal it would write over the line it ends. */
const LONE_CARRIAGE_RETURN = /\r(?!\n)/g;

const LAID_OUT = new Set(['\t', '\r', '\n']);

/** A semicolon or a tab separates fields in some spreadsheets, so these are quoted too. */
const NEEDS_QUOTES = /^$|[",;\t\r\n]|^\s|\s$/;

function quote(text: string): string {
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
