import { SqlError, type Engine } from '../engines/engine.js';

/** A SELECT as the engine's own parser sees it. */
export interface ParsedSelect {
  /** The parts of the SELECT by the parser's names: `select_list`, `from_table`, `where_clause` … */
  readonly node: Readonly<Record<string, unknown>>;
  /** The names of the tables and views that it reads, its own WITH names among them. */
  readonly tables: readonly string[];
  /** The names of the table functions that it calls, in lower case. */
  readonly tableFunctions: readonly string[];
  readonly hasSubquery: boolean;
}

/**
 * Has the engine parse a text that has to be one SELECT. Nothing of it runs.
 * @throws SqlError when it cannot be parsed, or is anything but one SELECT
 */
export async function parseSelect(engine: Engine, sql: string): Promise<ParsedSelect> {
  const [row] = await engine.rows('SELECT CAST(json_serialize_sql(CAST($sql AS VARCHAR)) AS VARCHAR)', { sql });
  const parsed = JSON.parse(String(row?.[0]), withoutPlaces) as Serialized;
  if (parsed.error) throw new SqlError(parsed.error_message ?? 'it cannot be parsed');
  const [statement, ...others] = parsed.statements ?? [];
  if (statement === undefined || others.length > 0) throw new SqlError('it is not a single SELECT');
  return describe(statement.node);
}

interface Serialized {
  readonly error: boolean;
  readonly error_message?: string;
  readonly statements?: readonly { readonly node: ParsedSelect['node'] }[];
}

/** Places in the text, so that two parsed texts can be compared. */
function withoutPlaces(key: string, value: unknown): unknown {
  return key === 'query_location' ? undefined : value;
}

function describe(node: ParsedSelect['node']): ParsedSelect {
  const tables: string[] = [];
  const tableFunctions: string[] = [];
  let hasSubquery = false;
  const open: unknown[] = [node];
  while (open.length > 0) {
    const part = open.pop();
    if (typeof part !== 'object' || part === null) continue;
    const { type, table_name: table, function: called } = part as SyntaxPart;
    if (type === 'BASE_TABLE') tables.push(String(table));
    if (type === 'TABLE_FUNCTION') tableFunctions.push(String(called?.function_name).toLowerCase());
    if (type === 'SUBQUERY') hasSubquery = true;
    open.push(...Object.values(part));
  }
  return { node, tables, tableFunctions, hasSubquery };
}

interface SyntaxPart {
  readonly type?: unknown;
  readonly table_name?: unknown;
  readonly function?: { readonly function_name?: unknown };
}
