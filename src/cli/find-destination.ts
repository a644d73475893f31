import { basename, dirname, join, relative, resolve } from 'node:path';
import { UserError } from '../errors.js';
import { parseLocation, type Location } from '../storage/location.js';
import type { S3Access } from '../storage/s3-access.js';
import { describeSource } from './locate-source.js';
import type { Place } from './open-beside.js';

/** A merged table's places, and how its description names the source. */
export interface Destination {
  readonly data: Place;
  readonly ledger: Place;
  /** How the table is shown to people. */
  readonly name: string;
  readonly source: string;
  /** The table's folder on this machine; undefined for a bucket. */
  readonly folder: string | undefined;
}

export interface DestinationChoice {
  readonly source: Location;
  /** `--to`. */
  readonly to: string | undefined;
  readonly cwd: string;
  readonly accessTo: () => S3Access;
}

/**
 * Where a source is merged to: `--to`, else beside it with `-compacted` at its name's end.
 * @throws UserError for a source that is no folder and no prefix, a bucket's root without `--to`, or places inside each other
 */
export function findDestination({ source, to, cwd, accessTo }: DestinationChoice): Destination {
  const location = to === undefined ? besideSource(source, cwd) : parseLocation(to);
  if (location.kind === 'stdin')
    throw new UserError('--to - is no place for a table', { wayOut: 'Give a folder or s3://bucket/prefix/.' });
  const destination =
    location.kind === 's3'
      ? inBucket(location, source, { access: accessTo(), cwd })
      : inFolder(location.path, source, cwd);
  refusePartition(destination);
  refuseNested(source, destination, cwd);
  return destination;
}

type S3Location = Extract<Location, { kind: 's3' }>;

function besideSource(source: Location, cwd: string): Location {
  if (source.kind === 's3') {
    const prefix = source.prefix.replace(/\/+$/, '');
    if (prefix !== '') return { ...source, prefix: `${prefix}-compacted/` };
    throw new UserError(`A whole bucket has no place beside it for the merged table`, {
      wayOut: `Give one with --to, for example --to s3://${source.bucket}/compacted/.`,
    });
  }
  if (source.kind === 'stdin')
    throw new UserError('Standard input cannot be merged', { wayOut: 'Give a folder or s3://bucket/prefix/.' });
  const path = resolve(cwd, source.path);
  return { kind: 'path', path: join(dirname(path), `${basename(path)}-compacted`) };
}

function inBucket(
  location: S3Location,
  source: Location,
  { access, cwd }: { access: S3Access; cwd: string },
): Destination {
  const prefix = location.prefix.replace(/\/+$/, '');
  if (prefix === '') {
    throw new UserError('A table cannot be the root of a bucket: its ledger lies beside it', {
      wayOut: `Give a prefix: --to s3://${location.bucket}/compacted/.`,
    });
  }
  return {
    data: { location: { ...location, prefix: `${prefix}/` }, access },
    ledger: { location: { ...location, prefix: `${prefix}.ledger/` }, access },
    name: `s3://${location.bucket}/${prefix}/`,
    source: describeSource(source, undefined, cwd),
    folder: undefined,
  };
}

function inFolder(path: string, source: Location, cwd: string): Destination {
  const folder = resolve(cwd, path);
  const place = (text: string): Place => ({ location: { kind: 'path', path: text }, access: undefined });
  return {
    data: place(folder),
    ledger: place(`${folder}.ledger`),
    name: `${shortPath(path, cwd)}/`,
    source: describeSource(source, folder, cwd),
    folder,
  };
}

/** A table is found by its slots: what is called like a partition is taken for a part of one. */
function refusePartition({ data: { location }, name }: Destination): void {
  const path = location.kind === 's3' ? location.prefix : pathOf(location);
  if (!/(?:^|\/)[^/=]+=[^/]*\/?$/.test(path)) return;
  throw new UserError(`${name} is called like a partition, and so is no name for a table`, {
    wayOut: 'Give another place with --to, without = in its last name.',
  });
}

/** As people write it: from the working folder on, where it lies in it. */
function shortPath(path: string, cwd: string): string {
  const short = relative(cwd, resolve(cwd, path));
  return short === '' || short.startsWith('..') ? path.replace(/\/+$/, '') : short;
}

function textOf({ bucket, prefix }: S3Location): string {
  return `s3://${bucket}/${prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`}`;
}

function pathOf(source: Location): string {
  if (source.kind !== 'path') throw new Error('a path was expected');
  return source.path;
}

/** A source inside of the table would be read as part of it; the table's own files would be merged into it. */
function refuseNested(source: Location, { data, ledger, name }: Destination, cwd: string): void {
  const from = wholePath(source, cwd);
  const isInside = [data, ledger].some(({ location }) => from.startsWith(wholePath(location, cwd)));
  if (!isInside) return;
  throw new UserError(`The source lies in the table that it is to be merged into: ${name}`, {
    wayOut: 'Give another place with --to.',
  });
}

function wholePath(location: Location, cwd: string): string {
  const path = location.kind === 's3' ? textOf(location) : resolve(cwd, pathOf(location));
  return path.endsWith('/') ? path : `${path}/`;
}
