import type { Engine } from '../engines/engine.js';
import { UserError } from '../errors.js';

interface Parsed {
  readonly error: boolean;
  readonly error_type?: string;
  readonly error_message?: string;
  readonly position?: string;
  readonly statements?: readonly unknown[];
}

/**
 * Makes sure that a user's text is one SELECT, by DuckDB's own parser. Nothing of it runs here.
 * @param what where the SQL is from, for the message: `./my-question.sql`
 * @throws UserError when it cannot be parsed, is none or several statements, or is anything but a SELECT
 */
export async function checkOneSelect(engine: Engine, sql: string, what: string): Promise<void> {
  const [row] = await engine.rows('SELECT CAST(json_serialize_sql(CAST($sql AS VARCHAR)) AS VARCHAR)', { sql });
  const parsed = JSON.parse(String(row?.[0])) as Parsed;
  if (parsed.error && parsed.error_type === 'not implemented') {
    throw new UserError(`${what} is not a SELECT`, {
      wayOut: 'Only a SELECT (or WITH … SELECT, FROM …, VALUES …) can be asked; it reads the view api_calls.',
    });
  }
  if (parsed.error)
    throw new UserError(`${what} cannot be parsed${placeIn(sql, parsed.position)}: ${parsed.error_message}`);
  const count = parsed.statements?.length ?? 0;
  if (count === 0) throw new UserError(`${what} holds no statement`);
  if (count > 1) throw new UserError(`${what} holds ${count} statements`, { wayOut: 'Ask one SELECT at a time.' });
}

function placeIn(sql: string, position: string | undefined): string {
  if (position === undefined) return '';
  const before = Buffer.from(sql).subarray(0, Number(position)).toString().split('\n');
  return ` (line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1})`;
}
