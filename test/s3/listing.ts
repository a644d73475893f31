import type { Bucket } from './buckets.js';
import { type ObjectVersion, compareUtf8, firstAtLeast } from './object-table.js';
import { S3Error } from './s3-error.js';
import type { S3Request } from './s3-request.js';
import type { XmlElement } from './xml.js';

type Query = Readonly<Record<string, string>>;

/** One line of a listing: a key, or the prefix that stands for all keys below it. */
interface Line {
  readonly name: string;
  readonly isPrefix: boolean;
}

export interface Page {
  readonly lines: readonly Line[];
  readonly truncated: boolean;
  readonly maxKeys: number;
}

/** The elements of a ListObjectsV2 answer. @throws S3Error InvalidArgument. */
export function listObjectsV2({ query }: S3Request, bucket: Bucket): XmlElement[] {
  const { token, name } = readToken(query['continuation-token']);
  const start = query['start-after'] ?? '';
  const page = readPage(query, liveKeys(bucket), { name: name ?? start, isPrefix: token === 'prefix' });
  const last = page.lines.at(-1);
  return [
    ...describe(query, bucket, page),
    ['KeyCount', page.lines.length],
    ...optional('StartAfter', query['start-after'], query),
    ...optional('ContinuationToken', query['continuation-token'], {}),
    ...(page.truncated && last !== undefined ? [['NextContinuationToken', writeToken(last)] as const] : []),
    ...contents(query, bucket, page),
  ];
}

/** The elements of a ListObjects (version 1) answer: its marker may be a key or a common prefix. */
export function listObjects({ query }: S3Request, bucket: Bucket): XmlElement[] {
  const marker = query['marker'] ?? '';
  const delimiter = query['delimiter'] ?? '';
  const isPrefix = delimiter !== '' && marker.endsWith(delimiter);
  const page = readPage(query, liveKeys(bucket), { name: marker, isPrefix });
  const last = page.lines.at(-1);
  return [
    ...describe(query, bucket, page),
    ['Marker', encodeName(marker, query)],
    ...(page.truncated && delimiter !== '' && last !== undefined
      ? [['NextMarker', encodeName(last.name, query)] as const]
      : []),
    ...contents(query, bucket, page),
  ];
}

/**
 * Cuts one page out of the keys: those with the prefix and after the start, rolled up at the delimiter. A start that is a prefix
 * was listed: everything below it is over.
 */
export function readPage(query: Query, keys: readonly string[], start: Line): Page {
  const [prefix, delimiter] = [query['prefix'] ?? '', query['delimiter'] ?? ''];
  const maxKeys = readMaxKeys(query['max-keys']);
  const lines: Line[] = [];
  const first = compareUtf8(start.name, prefix) > 0 ? start.name : prefix;
  for (let at = firstAtLeast(keys, first); at < keys.length; at++) {
    const key = keys[at] ?? '';
    if (!key.startsWith(prefix)) break;
    if (start.name !== '' && (key === start.name || (start.isPrefix && key.startsWith(start.name)))) continue;
    const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    const name = end < 0 ? key : key.slice(0, end + delimiter.length);
    if (end >= 0 && lines.at(-1)?.name === name) continue;
    if (lines.length === maxKeys) return { lines, truncated: maxKeys > 0, maxKeys };
    lines.push({ name, isPrefix: end >= 0 });
  }
  return { lines, truncated: false, maxKeys };
}

export function describe(query: Query, { name }: Bucket, { truncated, maxKeys }: Page): XmlElement[] {
  return [
    ['Name', name],
    ['Prefix', encodeName(query['prefix'] ?? '', query)],
    ...optional('Delimiter', query['delimiter'], query),
    ['MaxKeys', maxKeys],
    ...optional('EncodingType', readEncoding(query), {}),
    ['IsTruncated', truncated],
  ];
}

export function commonPrefixes(query: Query, { lines }: Page): XmlElement[] {
  return lines
    .filter(({ isPrefix }) => isPrefix)
    .map(({ name }) => ['CommonPrefixes', [['Prefix', encodeName(name, query)]]]);
}

/** What a listing says of an object, beside its key. */
export function describeVersion(version: ObjectVersion): XmlElement[] {
  const { checksum } = version;
  const checksums: XmlElement[] =
    checksum === undefined
      ? []
      : [
          ['ChecksumAlgorithm', checksum.algorithm],
          ['ChecksumType', checksum.type],
        ];
  return [
    ['LastModified', isoSeconds(version.lastModified)],
    ['ETag', version.etag],
    ...checksums,
    ['Size', version.body.length],
    ['StorageClass', version.storageClass],
  ];
}

export function isoSeconds(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, '.000Z');
}

/** As Java's URLEncoder does, but `/` stays. */
export function encodeName(name: string, query: Query): string {
  if (readEncoding(query) === undefined) return name;
  const escaped = encodeURIComponent(name).replace(
    /[!'()~]/g,
    (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return escaped.replaceAll('%20', '+').replaceAll('%2F', '/');
}

export function optional(name: string, value: string | undefined, query: Query): XmlElement[] {
  return value === undefined ? [] : [[name, encodeName(value, query)]];
}

function readEncoding(query: Query): string | undefined {
  const type = query['encoding-type'];
  if (type !== undefined && type !== 'url')
    throw new S3Error('InvalidArgument', 'Invalid Encoding Method specified in Request');
  return type;
}

function readMaxKeys(text = '1000'): number {
  if (!/^\d{1,10}$/.test(text))
    throw new S3Error('InvalidArgument', 'Provided max-keys not an integer or within integer range');
  return Math.min(Number(text), 1000);
}

/** The keys that are not deleted, in the order of their bytes. */
export function liveKeys({ objects }: Bucket): readonly string[] {
  return objects.keys().filter((key) => objects.current(key) !== undefined);
}

function contents(query: Query, bucket: Bucket, page: Page): XmlElement[] {
  const owner: XmlElement[] = query['fetch-owner'] === 'true' ? [['Owner', [['ID', bucket.owner]]]] : [];
  const objects = page.lines.filter(({ isPrefix }) => !isPrefix).map(({ name }) => name);
  const listed = objects.flatMap((key): XmlElement[] => {
    const version = bucket.objects.current(key);
    if (version === undefined) return [];
    return [['Contents', [['Key', encodeName(key, query)], ...describeVersion(version), ...owner]]];
  });
  return [...listed, ...commonPrefixes(query, page)];
}

/** Tokens are opaque: what they hold is no key that a client could make up. */
function writeToken({ name, isPrefix }: Line): string {
  return Buffer.from(JSON.stringify([isPrefix ? 'prefix' : 'key', name])).toString('base64');
}

function readToken(text: string | undefined): { token?: string; name?: string } {
  if (text === undefined) return {};
  try {
    const [token, name] = JSON.parse(Buffer.from(text, 'base64').toString()) as [string, string];
    return { token, name };
  } catch {
    throw new S3Error('InvalidArgument', 'The continuation token provided is incorrect');
  }
}
