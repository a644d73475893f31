import type { CannedQuery } from './canned-query.js';

/** A question that is no file and takes no parameters of its own: its SQL is made by the program, or was given whole. */
export function plainQuery({ name, summary, sql }: Pick<CannedQuery, 'name' | 'summary' | 'sql'>): CannedQuery {
  return { name, summary, parameters: [], columns: [], examples: [], notes: [], limit: 0, sql };
}
