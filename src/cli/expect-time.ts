import { UserError } from '../errors.js';
import type { CannedQuery } from '../queries/canned-query.js';
import { listQueries, loadQuery } from '../queries/query-catalog.js';

/**
 * Makes sure that a question can be drawn over time, as far as its header tells.
 * @throws UserError that names the questions that can
 */
export function expectTime(query: CannedQuery): void {
  if (query.file !== undefined || hasTime(query)) return;
  const others = listQueries().filter(({ name }) => hasTime(loadQuery(name)));
  throw new UserError(`The question ${query.name} has no time along which a chart could be drawn`, {
    wayOut: `Questions with one: ${others.map(({ name }) => name).join(', ')}.`,
  });
}

function hasTime({ columns }: CannedQuery): boolean {
  return columns.some(({ name, type }) => ['period', 'date'].includes(name) && ['timestamp', 'date'].includes(type));
}
