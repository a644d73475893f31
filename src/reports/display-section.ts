import type { Column, Row, Value } from '../engines/engine.js';
import { shorten } from '../output/display-width.js';
import { describeChange } from './describe-change.js';
import type { ReportSection } from './report.js';

/** A section's rows as people see them. */
export interface DisplayedTable {
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  /** How many more there are. */
  readonly left: number;
}

/** The columns that are shown, the change against the period before as text beside what it is of, and days as days. */
export function displaySection(section: ReportSection): DisplayedTable {
  const { columns, shown, compared, limit, total } = section;
  const rows = limit === 0 ? section.rows : section.rows.slice(0, limit);
  const before = columns.findIndex(({ name }) => name === compared?.before);
  const cells = shown.flatMap((name) => {
    const at = columns.findIndex((column) => column.name === name);
    const column = columns[at];
    if (column === undefined) return [];
    const own = dayColumn(column, at, rows);
    if (name !== compared?.column || before < 0) return [own];
    const read = (row: Row): Value => describeChange(row[at] ?? null, row[before] ?? null);
    return [own, { column: { name: 'change', type: 'text' } as const, read }];
  });
  return {
    columns: cells.map(({ column }) => column),
    rows: rows.map((row) => cells.map(({ read }) => shortened(read(row)))),
    left: total - rows.length,
  };
}

/** Longer text is whole in JSON; here it would hide the rest. */
const MOST_CHARACTERS = 160;

function shortened(value: Value): Value {
  return typeof value === 'string' && value.length > MOST_CHARACTERS ? shorten(value, MOST_CHARACTERS) : value;
}

interface ShownColumn {
  readonly column: Column;
  readonly read: (row: Row) => Value;
}

const MIDNIGHT = 'T00:00:00Z';

/** Times that are all at midnight are days. */
function dayColumn(column: Column, at: number, rows: readonly Row[]): ShownColumn {
  const isDay = (row: Row): boolean => row[at] === null || String(row[at]).endsWith(MIDNIGHT);
  if (column.type !== 'timestamp' || rows.length === 0 || !rows.every(isDay))
    return { column, read: (row) => row[at] ?? null };
  const read = (row: Row): Value =>
    row[at] === null || row[at] === undefined ? null : String(row[at]).slice(0, -MIDNIGHT.length);
  return { column: { name: column.name, type: 'date' }, read };
}
