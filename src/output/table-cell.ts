import type { ColumnType, Row, Value } from '../engines/engine.js';
import { shorten } from './display-width.js';
import { isNumberType } from './number-type.js';
import { sanitizeForTerminal } from './sanitize.js';

/** A cell as it is shown, sanitised; `undefined` is NULL. */
export type TableCell = string | undefined;

/** A row's cells as text, each cut to `width` columns where one is given. Numbers get thousands separators and keep all digits. */
export function tableCells(row: Row, types: readonly ColumnType[], width: number | undefined): readonly TableCell[] {
  return types.map((type, at) => {
    const text = cellText(row[at] ?? null, type);
    return text === undefined ? undefined : fitText(text, width);
  });
}

/** Any text as a table shows it. */
export function fitText(text: string, width: number | undefined): string {
  return width === undefined ? sanitizeForTerminal(text) : shorten(text, width);
}

function cellText(value: Value, type: ColumnType): string | undefined {
  if (value === null) return undefined;
  return isNumberType(type) ? groupThousands(String(value)) : String(value);
}

function groupThousands(digits: string): string {
  const [, sign = '', whole, rest = ''] = /^(-?)(\d+)(\.\d+)?$/.exec(digits) ?? [];
  return whole === undefined ? digits : `${sign}${whole.replace(/\B(?=(\d{3})+$)/g, ',')}${rest}`;
}
