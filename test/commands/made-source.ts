import { gzipSync } from 'node:zlib';
import { apiCall } from './made-calls.js';
import { awsusage, type Ended, newFolder } from './run-awsusage.js';

/** The keys of `madeSource`, in their order: three objects of one hour, two of another. */
export const MADE_KEYS = ['hour=06/a', 'hour=06/b', 'hour=06/c', 'hour=07/d', 'hour=07/e'].map(
  (name) => `year=2026/month=10/day=01/${name}.json.gz`,
);

/** The files of a source: five objects of two partitions, two calls each. */
export function madeSource(): Record<string, Buffer> {
  return Object.fromEntries(MADE_KEYS.map((key, index) => [key, madeObject(`object-${index}`)]));
}

/** An object of two calls that no other object has. */
export function madeObject(name: string): Buffer {
  const lines = [1, 2].map((number) => apiCall({ event_id: `${name}-${number}`, session_id: name }));
  return gzipSync(`${lines.join('\n')}\n`);
}

/** A folder with `json-data/`, which holds the made source and what is given besides. */
export function newSource(more: Readonly<Record<string, string | Buffer>> = {}): string {
  const files = { ...madeSource(), ...more };
  return newFolder(Object.fromEntries(Object.entries(files).map(([key, body]) => [`json-data/${key}`, body])));
}

/** What makes a run merge all that is there. */
export const AT_ONCE = ['--min-age', '0', '--min-files', '1'];

/** Merges a made source into the table beside it. */
export async function merge(cwd: string, args: readonly string[] = []): Promise<Ended> {
  const end = await awsusage(['compact', 'json-data', ...AT_ONCE, ...args], { cwd });
  if (end.code !== 0) throw new Error(end.stderr);
  return end;
}
