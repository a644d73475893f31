import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { UserError } from '../errors.js';
import type { Location } from '../storage/location.js';
import type { S3Access } from '../storage/s3-access.js';

/** The layout of what is in the cache: what another version has left there is not looked at. */
const CACHE_VERSION = 1;

/** Where the cache of one source is kept. */
export interface CacheFolder {
  readonly path: string;
  /** The private table that the source is merged into; its ledger lies beside it. */
  readonly table: string;
  /** How the source is shown to people. */
  readonly source: string;
}

const ON = ['on', '1', 'true', 'yes'];
const OFF = ['off', '0', 'false', 'no'];

/** Whether the cache is read, and filled behind answers. */
export type CacheMode = 'on' | 'read' | 'off';

/**
 * What `AWSUSAGE_CACHE` says; else on, but off on CI (`CI` is set), where nothing is asked twice.
 * @throws UserError for an `AWSUSAGE_CACHE` that says something else
 */
export function cacheMode(env: NodeJS.ProcessEnv): CacheMode {
  const wish = (env['AWSUSAGE_CACHE'] ?? '').toLowerCase();
  if (wish === 'read') return 'read';
  if (ON.includes(wish)) return 'on';
  if (OFF.includes(wish)) return 'off';
  if (wish !== '') throw new UserError('Cannot use AWSUSAGE_CACHE', { wayOut: 'Set it to on, read or off.' });
  const ci = (env['CI'] ?? '').toLowerCase();
  return ci === '' || OFF.includes(ci) ? 'on' : 'off';
}

/** The folder of all caches: `$XDG_CACHE_HOME/awsusage`, else `~/.cache/awsusage` (XDG Base Directory Specification 0.8). */
export function cacheRoot(env: NodeJS.ProcessEnv): string {
  const base = env['XDG_CACHE_HOME'] ?? '';
  return join(isAbsolute(base) ? base : join(homedir(), '.cache'), 'awsusage');
}

export interface CachedSource {
  readonly location: Location;
  readonly access: S3Access | undefined;
  /** The version of this program: another one may read records in another way. */
  readonly toolVersion: string;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
}

/** The folder of a source's cache; undefined for standard input. Two sources never share one. */
export function cacheFolder({ location, access, toolVersion, env, cwd }: CachedSource): CacheFolder | undefined {
  if (location.kind === 'stdin') return undefined;
  const source = location.kind === 's3' ? `s3://${location.bucket}/${location.prefix}` : resolve(cwd, location.path);
  const server = location.kind === 's3' ? serverOf(access, env) : [];
  const id = createHash('sha256')
    .update(JSON.stringify([CACHE_VERSION, toolVersion, source, ...server]))
    .digest('hex');
  const path = join(cacheRoot(env), id.slice(0, 32));
  return { path, table: join(path, 'table'), source };
}

/** Buckets of the same name can lie on two servers. */
function serverOf(access: S3Access | undefined, env: NodeJS.ProcessEnv): readonly (string | undefined)[] {
  const endpoint = access?.endpointUrl ?? env['AWS_ENDPOINT_URL_S3'] ?? env['AWS_ENDPOINT_URL'];
  return [endpoint, access?.profile ?? env['AWS_PROFILE']];
}
