import { quoteJson } from '../output/stringify-json.js';
import type { CallKind } from './call-kind.js';
import { SNAPSHOT_MARK, type Snapshot } from './snapshot.js';

/**
 * A snapshot as the text of its file: JSON, an array with the header in its first line and one kind of calls in each line that
 * follows. The comma stands at the beginning of a line, so that a kind that comes or goes changes no other line.
 */
export function writeSnapshot({ by, counts, kinds }: Snapshot): string {
  const header = `[${JSON.stringify({ ...SNAPSHOT_MARK, by, counts })}`;
  const lines = kinds.map((kind) => `,{${members(kind, by).join(',')}}`);
  return `${[header, ...lines, ']'].join('\n')}\n`;
}

function members({ values, calls, range }: CallKind, by: readonly string[]): string[] {
  const named = by.flatMap((name, at) => {
    const value = values[at] ?? null;
    return value === null ? [] : [`"${name}":${quoteJson(value)}`];
  });
  const counted = calls === undefined ? [] : [`"calls":${calls}`];
  return [...named, ...counted, ...(range === undefined ? [] : [`"calls":"${range}"`])];
}
