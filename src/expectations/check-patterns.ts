import { SqlError, type Engine } from '../engines/engine.js';
import { UserError } from '../errors.js';
import type { Expectation } from './expectation.js';

/**
 * Makes sure that the engine can read the regular expressions of the expectations.
 * @throws UserError that names the expectation
 */
export async function checkPatterns(engine: Engine, expectations: readonly Expectation[]): Promise<void> {
  for (const { name, counted } of expectations) {
    const patterns = 'patterns' in counted ? counted.patterns : [];
    for (const { operator, value } of patterns.flatMap(({ conditions }) => conditions)) {
      if (!operator.endsWith('~')) continue;
      await engine.rows(`SELECT regexp_matches('', $value)`, { value }).catch((error: unknown) => {
        throw error instanceof SqlError ? wrongPattern(name, value, error) : error;
      });
    }
  }
}

function wrongPattern(name: string, value: string, cause: SqlError): UserError {
  return new UserError(
    `The expectation ${JSON.stringify(name)} has the expression ${JSON.stringify(value)}: ${cause.message}`,
    {
      wayOut: 'Expressions are written as RE2 has them: https://github.com/google/re2/wiki/Syntax',
      cause,
    },
  );
}
