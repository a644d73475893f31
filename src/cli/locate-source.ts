import { dirname, relative, resolve } from 'node:path';
import { pathToFileURL, fileURLToPath } from 'node:url';
import { parseLocation, type Location } from '../storage/location.js';

/**
 * How a table's description names its source: `s3://bucket/prefix/`; for a folder the path from the folder that the table lies
 * in, so that both can be moved together, or, for a table in a bucket, the whole path.
 * @param table the table's folder, an absolute path; undefined for a table in a bucket
 */
export function describeSource(source: Location, table: string | undefined, cwd: string): string {
  if (source.kind === 's3') {
    const { bucket, prefix } = source;
    return `s3://${bucket}/${prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`}`;
  }
  if (source.kind === 'stdin') throw new Error('standard input is no source of a table');
  const path = resolve(cwd, source.path);
  if (table === undefined) return pathToFileURL(path).href;
  return relative(dirname(table), path) || '.';
}

/**
 * The place that `describeSource` has named.
 * @param table as there
 */
export function locateSource(text: string, table: string | undefined): Location {
  if (text.startsWith('s3://')) return parseLocation(text);
  if (text.startsWith('file://')) return { kind: 'path', path: fileURLToPath(text) };
  return { kind: 'path', path: resolve(table === undefined ? '/' : dirname(table), text === '' ? '.' : text) };
}
