import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { UserError } from '../errors.js';
import { closestName } from '../closest-name.js';
import { openFileStore } from './file-store.js';
import { globStore, readGlob } from './glob-store.js';
import type { ObjectStore } from './object-store.js';
import type { S3StoreOptions } from './s3-store.js';
import { openStdinStore } from './stdin-store.js';

/** What a SOURCE says. */
export type Location =
  | { readonly kind: 'stdin' }
  | { readonly kind: 's3'; readonly bucket: string; readonly prefix: string }
  | { readonly kind: 'path'; readonly path: string };

export interface OpenLocationOptions {
  /** The folder that relative paths start from. */
  readonly cwd: string;
  readonly stdin?: AsyncIterable<Uint8Array>;
  /** How buckets are reached, and the folder of the run that objects are downloaded into, made at first need. */
  readonly s3?: Omit<S3StoreOptions, 'bucket' | 'prefix'>;
}

/**
 * Reads a SOURCE: `-`, `s3://bucket/prefix/`, or a folder, a file or a glob.
 * @throws UserError for an empty text, for `s3://` without a bucket, and for an address of the web
 */
export function parseLocation(text: string): Location {
  if (text === '-') return { kind: 'stdin' };
  if (text === '') {
    throw new UserError('The source is empty', { wayOut: 'Give a folder, a file, a glob, or - for standard input.' });
  }
  if (/^https?:\/\//i.test(text)) throw webAddress(text);
  const s3 = (S3_ARN.exec(text) ?? S3_BUCKET.exec(text))?.groups;
  if (s3 === undefined) return { kind: 'path', path: text };
  const { bucket = '', prefix = '' } = s3;
  if (bucket === '') {
    throw new UserError(`No bucket in ${text}`, { wayOut: 'Write it as s3://bucket/prefix/.' });
  }
  return { kind: 's3', bucket, prefix };
}

const S3_BUCKET = /^s3:\/\/(?<bucket>[^/]*)\/?(?<prefix>.*)$/is;
/** The ARN of an access point has a slash of its own, or on Outposts three: `s3://arn:aws:s3:REGION:ACCOUNT:accesspoint/NAME/prefix`. */
const S3_ARN =
  /^s3:\/\/(?<bucket>arn:[^:/]+:s3[^:/]*:[^:/]*:[^:/]*:(?:outpost[/:][^:/]+[/:])?accesspoint[/:][^/:]+)\/?(?<prefix>.*)$/is;

/** What follows `?` may be the signature of a presigned address, and is not shown. */
function webAddress(text: string): UserError {
  const { protocol = '', host = '' } = URL.canParse(text) ? new URL(text) : {};
  return new UserError(`Cannot read ${protocol}//${host}/…: addresses of the web are no sources`, {
    wayOut: 'Write a bucket as s3://bucket/prefix/, with --endpoint-url for a server that is not AWS.',
  });
}

/**
 * Opens a location. A path that exists is taken literally, even with glob characters in it.
 * @throws UserError when there is nothing there, or it may not be read
 */
export async function openLocation(location: Location, options: OpenLocationOptions): Promise<ObjectStore> {
  if (location.kind === 'path') return openPath(location.path, options.cwd);
  if (location.kind === 's3') {
    if (options.s3 === undefined) throw new Error('openLocation needs s3 to open a bucket');
    const { openS3Store } = await import('./s3-store.js');
    return openS3Store({ ...location, ...options.s3 });
  }
  if (options.stdin === undefined) throw new Error('openLocation needs stdin to open standard input');
  return openStdinStore(options.stdin);
}

async function openPath(path: string, cwd: string): Promise<ObjectStore> {
  if (await exists(resolve(cwd, path))) return openFileStore(resolve(cwd, path), path);
  const glob = readGlob(path);
  if (glob === undefined) throw await noSuchFile(path, cwd);
  const base = resolve(cwd, glob.base);
  if (!(await exists(base))) throw await noSuchFile(glob.base, cwd);
  const store = await openFileStore(base, glob.base === '' ? '.' : glob.base);
  if (store.single === true) throw await noSuchFile(path, cwd);
  return globStore(store, glob.pattern, path);
}

/** What exists and may not be looked at exists too: opening it says what is wrong. */
async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    return !['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ERR_INVALID_ARG_VALUE'].includes(String(code));
  }
}

/** `s3:/bucket/prefix`, `s3a://bucket/prefix`: nearly the address of a bucket. */
const NEARLY_S3 = /^s3[an]?:\/*(.+)$/is;

async function noSuchFile(path: string, cwd: string): Promise<UserError> {
  const [, inBucket] = NEARLY_S3.exec(path) ?? [];
  const meant = inBucket === undefined ? await nearestPath(path, cwd) : `s3://${inBucket}`;
  return new UserError(
    `No such file or folder: ${path}`,
    meant === undefined ? {} : { wayOut: `Did you mean ${meant}?` },
  );
}

/** A path whose last name is like the first name of this one that is missing, as the user would write it. */
async function nearestPath(path: string, cwd: string): Promise<string | undefined> {
  const parent = dirname(path);
  if (parent === path) return undefined;
  if (!(await exists(resolve(cwd, parent)))) return nearestPath(parent, cwd);
  const names = await readdir(resolve(cwd, parent)).catch(() => []);
  const name = closestName(basename(path), names.sort());
  return name === undefined ? undefined : join(parent, name);
}
