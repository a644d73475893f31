import type { Bucket } from './buckets.js';
import { commonPrefixes, describe, describeVersion, encodeName, isoSeconds, optional, readPage } from './listing.js';
import type { ObjectVersion } from './object-table.js';
import type { S3Request } from './s3-request.js';
import type { XmlElement } from './xml.js';

/**
 * The elements of a ListObjectVersions answer. Pages are cut between keys, so all versions of a key come together;
 * a page may hold more versions than max-keys.
 */
export function listObjectVersions({ query }: S3Request, bucket: Bucket): XmlElement[] {
  const marker = query['key-marker'] ?? '';
  const delimiter = query['delimiter'] ?? '';
  const isPrefix = delimiter !== '' && marker.endsWith(delimiter);
  const page = readPage(query, bucket.objects.keys(), { name: marker, isPrefix });
  const last = page.lines.at(-1);
  const keys = page.lines.filter(({ isPrefix }) => !isPrefix).map(({ name }) => name);
  return [
    ...describe(query, bucket, page),
    ...optional('KeyMarker', marker, query),
    ...(page.truncated && last !== undefined ? [['NextKeyMarker', encodeName(last.name, query)] as const] : []),
    ...keys.flatMap((key) =>
      bucket.objects.versions(key).map((version, age) => describeOne(version, { query, isLatest: age === 0 })),
    ),
    ...commonPrefixes(query, page),
  ];
}

function describeOne(
  version: ObjectVersion,
  { query, isLatest }: { query: S3Request['query']; isLatest: boolean },
): XmlElement {
  const identity: XmlElement[] = [
    ['Key', encodeName(version.key, query)],
    ['VersionId', version.versionId],
    ['IsLatest', isLatest],
  ];
  if (version.deleteMarker) return ['DeleteMarker', [...identity, ['LastModified', isoSeconds(version.lastModified)]]];
  return ['Version', [...identity, ...describeVersion(version)]];
}
