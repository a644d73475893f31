import { onTestFinished, vi } from 'vitest';
import {
  type ListedEntry,
  type ObjectStore,
  type PrefixVerdict,
  type StoredObject,
} from '../../src/storage/object-store.js';
import { openS3Store, type S3Access } from '../../src/storage/s3-store.js';
import type { AccessKey } from '../s3/signatures.js';
import type { TestS3 } from '../s3/s3-server.js';
import { tempFolder } from './temp-folder.js';
import { SYSTEM_CLOCK } from './system-clock.js';

export type Judge = (prefix: string) => PrefixVerdict;

/** What a process finds around it. */
export interface Surroundings {
  /** The text of the AWS configuration file. */
  readonly config?: string;
  /** Environment variables beside those of the credentials. */
  readonly variables?: Readonly<Record<string, string>>;
}

/** Opens a source at a server: `logs/2026/` is the bucket `logs` with a prefix. Failed requests are repeated without delay. */
export async function openBucket(
  s3: TestS3,
  source: string,
  {
    config,
    variables,
    mayBeEmpty = false,
    ...access
  }: Partial<S3Access> & Surroundings & { mayBeEmpty?: boolean } = {},
): Promise<ObjectStore> {
  const [, bucket = '', prefix = ''] = /^([^/]*)\/?(.*)$/s.exec(source) ?? [];
  useCredentials(s3.credentials, { ...(config && { config }), ...(variables && { variables }) });
  const store = await openS3Store({
    bucket,
    prefix,
    access: { ...SYSTEM_CLOCK, endpointUrl: s3.endpoint, retryDelayMs: 1, ...access },
    folder: () => Promise.resolve(tempFolder()),
    mayBeEmpty,
  });
  onTestFinished(() => store.close?.());
  return store;
}

/** Gives the SDK these credentials, these surroundings, and nothing else of this machine, until the test is over. */
export function useCredentials(
  credentials: AccessKey | undefined,
  { config = '', variables = {} }: Surroundings = {},
): void {
  const home = tempFolder({ config, credentials: '' });
  onTestFinished(() => void vi.unstubAllEnvs());
  for (const name of Object.keys(process.env).filter((one) => /^AWS_|_proxy$/i.test(one))) vi.stubEnv(name, undefined);
  const all: Readonly<Record<string, string | undefined>> = {
    AWS_CONFIG_FILE: `${home}/config`,
    AWS_SHARED_CREDENTIALS_FILE: `${home}/credentials`,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_ACCESS_KEY_ID: credentials?.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials?.secretAccessKey,
    AWS_SESSION_TOKEN: credentials?.sessionToken,
    ...variables,
  };
  for (const [name, value] of Object.entries(all)) vi.stubEnv(name, value);
}

export async function entriesOf(store: ObjectStore, judge: Judge = () => 'descend'): Promise<ListedEntry[]> {
  const entries: ListedEntry[] = [];
  for await (const entry of store.list(judge)) entries.push(entry);
  return entries;
}

/** The listed objects; anything that is none fails the test. */
export async function objectsOf(store: ObjectStore, judge?: Judge): Promise<StoredObject[]> {
  return (await entriesOf(store, judge)).map((entry) => {
    if (entry.kind === 'object') return entry.object;
    throw new Error(`${entry.entry.key} was ${entry.kind}: ${entry.entry.reason}`);
  });
}

export async function keysOf(store: ObjectStore, judge?: Judge): Promise<string[]> {
  return (await objectsOf(store, judge)).map(({ key }) => key);
}

export async function contentOf(store: ObjectStore, object: StoredObject): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of store.read(object)) chunks.push(chunk);
  return Buffer.concat(chunks);
}
