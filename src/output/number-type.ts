import type { ColumnType } from '../engines/engine.js';

/** Whether a column holds numbers, which tables put to the right. */
export function isNumberType(type: ColumnType): boolean {
  return NUMBER_TYPES.has(type);
}

const NUMBER_TYPES: ReadonlySet<ColumnType> = new Set(['integer', 'decimal', 'double']);
