import type { Parameters } from '../engines/engine.js';
import { parametersIn } from './sql-tokens.js';

/** Those parameters that the SQL names: an engine refuses to bind others. */
export function pickParameters(sql: string, parameters: Parameters): Parameters {
  const used = parametersIn(sql);
  return Object.fromEntries(Object.entries(parameters).filter(([name]) => used.includes(name)));
}
