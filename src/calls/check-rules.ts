import { SqlError, type Engine } from '../engines/engine.js';
import { UserError } from '../errors.js';
import type { ListedRule } from './parse-normal-rules.js';

/**
 * Makes sure that the engine can read the patterns of the user's own rules, and that none matches where there is nothing.
 * @throws UserError that names the rule
 */
export async function checkRules(engine: Engine, rules: readonly ListedRule[]): Promise<void> {
  for (const { name, pattern } of rules.filter(({ isOwn }) => isOwn)) {
    const [row] = await engine.rows(`SELECT regexp_matches('', $pattern)`, { pattern }).catch((error: unknown) => {
      throw error instanceof SqlError ? wrongPattern(name, error.message, error) : error;
    });
    if (row?.[0] === true) throw wrongPattern(name, 'it matches where there is nothing');
  }
}

function wrongPattern(name: string, problem: string, cause?: SqlError): UserError {
  return new UserError(`The pattern of the rule "${name}" in the configuration cannot be used: ${problem}`, {
    wayOut: 'Patterns are written as RE2 has them: https://github.com/google/re2/wiki/Syntax',
    ...(cause === undefined ? {} : { cause }),
  });
}
