import type { Parameter, Parameters } from '../engines/engine.js';
import { UserError } from '../errors.js';
import type { CannedQuery, QueryParameter } from './canned-query.js';
import { sqlName } from './canned-query.js';
import { closestName } from '../closest-name.js';
import { parseParameterValue } from './parse-parameter-value.js';

/** What the command line gave, by the flag's name without `--`. */
export type GivenParameters = Readonly<Record<string, string | readonly string[] | boolean | undefined>>;

/**
 * The values to bind for a question, by their names in SQL: what was given, read by its type, and the defaults for the
 * rest. A list becomes the JSON text of an array of texts. The values of a parameter that was not given and has no
 * default are NULL, false (boolean) and `[]` (list).
 * @throws UserError for a value that does not fit, one that is missing, or a flag that the question does not have
 */
export function bindParameters(query: CannedQuery, given: GivenParameters): Parameters {
  refuseUnknown(query, given);
  return Object.fromEntries(
    query.parameters.map((parameter) => [sqlName(parameter.name), bindOne(query, parameter, given[parameter.name])]),
  );
}

function refuseUnknown(query: CannedQuery, given: GivenParameters): void {
  const names = query.parameters.map((parameter) => parameter.name);
  const unknown = Object.keys(given).find((name) => given[name] !== undefined && !names.includes(name));
  if (unknown === undefined) return;
  const meant = closestName(unknown, names);
  const known = names.length === 0 ? 'It takes none.' : `It takes ${names.map((name) => `--${name}`).join(', ')}.`;
  throw new UserError(`The question ${query.name} has no parameter --${unknown}`, {
    wayOut: meant === undefined ? known : `Did you mean --${meant}?`,
  });
}

function bindOne(query: CannedQuery, parameter: QueryParameter, given: GivenParameters[string]): Parameter {
  if (given === undefined) return unsetValue(query, parameter);
  if (parameter.type === 'list') {
    const items = typeof given === 'object' ? given : [String(given)];
    return JSON.stringify(items.map((item) => parseParameterValue(parameter, item)));
  }
  if (typeof given !== 'object') return parseParameterValue(parameter, String(given));
  const [only, ...more] = given;
  if (only === undefined || more.length > 0) throw new UserError(`--${parameter.name} takes one value`);
  return parseParameterValue(parameter, only);
}

function unsetValue(query: CannedQuery, parameter: QueryParameter): Parameter {
  const { name, type, defaultText, required, description } = parameter;
  if (required) {
    throw new UserError(`The question ${query.name} needs --${name}`, {
      wayOut: description === '' ? [] : [`--${name}: ${description}`],
    });
  }
  if (type === 'list') return JSON.stringify(defaultText === undefined ? [] : [defaultText]);
  if (defaultText === undefined) return type === 'boolean' ? false : null;
  return parseParameterValue(parameter, defaultText);
}
