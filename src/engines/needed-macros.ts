import { SHARED_SQL_MACROS } from './shared-sql-macros.js';

interface Macro {
  readonly name: string;
  readonly statement: string;
}

const MACROS: readonly Macro[] = SHARED_SQL_MACROS.map((statement) => ({
  name: (/MACRO (\w+)/.exec(statement)?.[1] ?? '').toLowerCase(),
  statement,
}));
const STATEMENTS: ReadonlyMap<string, string> = new Map(MACROS.map(({ name, statement }) => [name, statement]));
const NAMES = new RegExp(String.raw`\b(?:${MACROS.map(({ name }) => name).join('|')})\b`, 'gi');

/**
 * Tells which of the shared macros a database lacks for a statement: to make all of them takes as long as to answer a small
 * question. A macro counts as used where its name stands anywhere in the text, in a string or a comment too.
 */
export class NeededMacros {
  readonly #made = new Set<string>();

  /** The statements that make what `sql` needs and no statement before it did, in their order. */
  take(sql: string): readonly string[] {
    const missing = new Set<string>();
    this.#collect(sql, missing);
    if (missing.size === 0) return [];
    for (const name of missing) this.#made.add(name);
    return MACROS.filter(({ name }) => missing.has(name)).map(({ statement }) => statement);
  }

  #collect(sql: string, missing: Set<string>): void {
    for (const [found] of sql.matchAll(NAMES)) {
      const name = found.toLowerCase();
      if (this.#made.has(name) || missing.has(name)) continue;
      missing.add(name);
      this.#collect(STATEMENTS.get(name) ?? '', missing);
    }
  }
}
