import { SqlError, type Engine } from '../engines/engine.js';
import { UserError } from '../errors.js';
import type { LogFormat } from '../formats/log-format.js';
import { projectionSql } from '../formats/projection-sql.js';
import { ALL_COLUMNS, type Statement } from './needed-columns.js';
import { parseSelect, type ParsedSelect } from './parse-sql.js';

/**
 * Makes sure that the SQL of a user's format is one expression a column, without a subquery: such an expression reaches
 * nothing but its record, although it runs before the engine is locked. Nothing of it runs here.
 * @throws UserError for what is no such expression
 */
export async function checkFormat(engine: Engine, format: LogFormat): Promise<void> {
  try {
    const { node: model } = await parseSelect(engine, 'SELECT true');
    for (const expression of Object.values(format.columns)) {
      const { node, hasSubquery } = await parseSelect(engine, `SELECT ${expression}`);
      if (withoutList(node) !== withoutList(model) || (node['select_list'] as unknown[]).length !== 1)
        throw new SqlError('it is not a single expression');
      if (hasSubquery) throw new SqlError('a subquery is not for formats');
    }
  } catch (error) {
    throw error instanceof SqlError ? formatError(format, error) : error;
  }
}

function withoutList(node: ParsedSelect['node']): string {
  return JSON.stringify({ ...node, select_list: undefined });
}

/** What a user's format computes, as a statement for `findNeeds`: planning it shows what is wrong with it. */
export function formatStatement(format: LogFormat): Statement {
  const fields = Object.keys(format.fields).map((field) => `CAST(NULL AS VARCHAR) AS "${field}"`);
  const columns = projectionSql(format, { columns: ALL_COLUMNS }).join(', ');
  return {
    sql: `SELECT ${columns} FROM (SELECT ${fields.join(', ')}) AS staged`,
    parameters: {},
    explain: (error) => formatError(format, error),
  };
}

function formatError({ name }: LogFormat, error: SqlError): UserError {
  return new UserError(`The format "${name}" of the configuration has SQL that does not work: ${error.message}`, {
    wayOut: 'An expression reads the JSON text of the whole record as "record", and no file or other table.',
    cause: error,
  });
}
