import { UserError } from '../errors.js';
import { probeStore } from '../storage/probe-store.js';
import type { StoreCapabilities, WritableStore } from '../storage/writable-store.js';
import { expectVersion, parseObject, ShapeError, textsOf, type JsonObject } from './json-shape.js';

const CAPABILITIES_KEY = 'capabilities.json';
const SCHEMA_VERSION = 1;

/**
 * Finds out once for each destination what its store enforces, and writes it into the ledger.
 * @param newName gives names that nobody else has
 * @throws UserError (exit code 4) where the store does not do what merging without loss rests on
 */
export async function ensureCapabilities(ledger: WritableStore, newName: () => string): Promise<StoreCapabilities> {
  const known = await readCapabilities(ledger);
  const capabilities = known ?? (await probeStore(ledger, newName));
  refuseUnsafe(capabilities, ledger.name);
  if (known === undefined) await writeCapabilities(capabilities, ledger);
  return capabilities;
}

/**
 * Makes sure that the store removes only the version that was named.
 * @param ledger of a table in the same bucket; what it has written down is taken for true
 * @throws UserError (exit code 4) where the store removes other versions, too
 */
export async function ensureRemoval(ledger: WritableStore, newName: () => string): Promise<StoreCapabilities> {
  const capabilities = (await readCapabilities(ledger)) ?? (await probeStore(ledger, newName));
  if (capabilities.conditionalRemove) return capabilities;
  throw new UserError(`Cannot remove objects safely beside ${ledger.name}: one that was overwritten could be removed`, {
    wayOut: [
      ...capabilities.findings,
      'Mark the objects with --tag KEY=VALUE for a lifecycle rule, or use a store that honours If-Match when it removes.',
    ],
    exitCode: 'conflict',
  });
}

async function writeCapabilities(capabilities: StoreCapabilities, ledger: WritableStore): Promise<void> {
  const text = JSON.stringify({ schemaVersion: SCHEMA_VERSION, ...capabilities }, undefined, 2);
  await ledger.create(CAPABILITIES_KEY, { bytes: Buffer.from(`${text}\n`) });
}

async function readCapabilities(ledger: WritableStore): Promise<StoreCapabilities | undefined> {
  const bytes = await ledger.get(CAPABILITIES_KEY);
  if (bytes === undefined) return undefined;
  try {
    const object = parseObject(Buffer.from(bytes).toString('utf8'));
    expectVersion(object, SCHEMA_VERSION);
    return {
      createIfAbsent: flagOf(object, 'createIfAbsent'),
      multipartCreateIfAbsent: flagOf(object, 'multipartCreateIfAbsent'),
      conditionalRemove: flagOf(object, 'conditionalRemove'),
      conditionalBatchRemove: flagOf(object, 'conditionalBatchRemove'),
      listsAtOnce: flagOf(object, 'listsAtOnce'),
      keepsMetadata: flagOf(object, 'keepsMetadata'),
      findings: textsOf(object, 'findings'),
    };
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    throw new UserError(`Cannot use ${ledger.name}${CAPABILITIES_KEY}: ${error.message}`, {
      wayOut: 'Remove it: what the store enforces is then found out again.',
      exitCode: 'conflict',
      cause: error,
    });
  }
}

function flagOf(object: JsonObject, name: string): boolean {
  const value = object[name];
  if (typeof value !== 'boolean') throw new ShapeError(`"${name}" is neither true nor false`);
  return value;
}

function refuseUnsafe({ createIfAbsent, listsAtOnce, findings }: StoreCapabilities, name: string): void {
  if (createIfAbsent && listsAtOnce) return;
  const why = createIfAbsent
    ? 'its listings do not show at once what was written'
    : 'it overwrites what exists already';
  throw new UserError(
    `Cannot merge into ${name.replace(/\.ledger\/$/, '/')}: ${why}, so that two runs could lose or double rows`,
    {
      wayOut: [
        ...findings,
        'Use a store that honours If-None-Match (Amazon S3, MinIO, versitygw, R2, Ceph), or a folder on a local disk.',
      ],
      exitCode: 'conflict',
    },
  );
}
