import { ProbeObjects } from './probe-objects.js';
import {
  type Removal,
  type StoreCapabilities,
  StoreFailure,
  type VersionedKey,
  type WritableStore,
} from './writable-store.js';

/**
 * Finds out what a store does of what it is asked for, by small objects below `probe/`, which are removed again as far as the
 * store allows. Less than a hundred requests, to be made once for a store.
 * @param newName gives names that nobody else has: letters, digits and dashes
 * @throws StoreFailure when nothing can be created or looked at, for another reason than that the store has no such thing
 */
export async function probeStore(store: WritableStore, newName: () => string): Promise<StoreCapabilities> {
  const objects = new ProbeObjects(store, `probe/${newName()}-`);
  const probe: Probe = { store, objects, findings: [] };
  try {
    const capabilities = await findCapabilities(probe);
    const left = await objects.removeAll();
    if (left.length > 0) probe.findings.push(`The probe could not remove ${left.join(', ')} from ${store.name}.`);
    return { ...capabilities, findings: probe.findings };
  } finally {
    await objects.removeAll();
  }
}

interface Probe {
  readonly store: WritableStore;
  readonly objects: ProbeObjects;
  readonly findings: string[];
}

type Capabilities = Omit<StoreCapabilities, 'findings'>;

const NOTHING: Capabilities = {
  createIfAbsent: false,
  multipartCreateIfAbsent: false,
  conditionalRemove: false,
  conditionalBatchRemove: false,
  listsAtOnce: false,
  keepsMetadata: false,
};

async function findCapabilities(probe: Probe): Promise<Capabilities> {
  const { store } = probe;
  // Where nothing can be created safely, nothing else matters.
  if (!(await createsIfAbsent(probe))) return NOTHING;
  const conditionalRemove = await removesIfSame(probe, 'One by one', (items) => removeEach(store, items));
  const { removeInOneRequest } = store;
  return {
    createIfAbsent: true,
    multipartCreateIfAbsent: store.createInParts === undefined || (await createsPartsIfAbsent(probe)),
    conditionalRemove,
    conditionalBatchRemove:
      removeInOneRequest === undefined
        ? conditionalRemove
        : await removesIfSame(probe, 'Many at once', removeInOneRequest),
    listsAtOnce: await listsAtOnce(probe),
    keepsMetadata: await keepsMetadata(probe),
  };
}

/** Failures that are not for want of an ability are not the store's last word. */
async function createsIfAbsent(probe: Probe): Promise<boolean> {
  try {
    return await replacesNothing(probe, 'create');
  } catch (error) {
    if (!(error instanceof StoreFailure) || error.exitCode !== 'conflict') throw error;
    probe.findings.push(sentence(error));
    return false;
  }
}

/** Whatever keeps objects from being sent in parts: they can be sent whole. */
async function createsPartsIfAbsent(probe: Probe): Promise<boolean> {
  try {
    return await replacesNothing(probe, 'createInParts');
  } catch (error) {
    probe.findings.push(sentence(error));
    return false;
  }
}

const SUBJECTS = { create: 'Creating an object', createInParts: 'Creating an object in parts' };

async function replacesNothing({ objects, findings }: Probe, how: keyof typeof SUBJECTS): Promise<boolean> {
  const [keeps, hasOneWinner] = [await objects.keepsTheFirst(how), await objects.hasOneWinner(how)];
  if (!keeps) findings.push(`${SUBJECTS[how]} replaces one that is there, although it was asked not to.`);
  if (!hasOneWinner) findings.push(`${SUBJECTS[how]} succeeds more than once where several do it at once.`);
  return keeps && hasOneWinner;
}

type RemoveAll = (items: readonly VersionedKey[]) => Promise<readonly (Removal | StoreFailure)[]>;

async function removesIfSame({ objects, findings }: Probe, how: string, remove: RemoveAll): Promise<boolean> {
  const [same, other] = [await objects.make('same'), await objects.make('other')];
  const results = await remove([same, { ...other, version: same.version }]);
  const failure = results.find((result) => result instanceof StoreFailure);
  if (failure !== undefined) findings.push(sentence(failure));
  const [isLeft, isKept] = [await objects.isThere(same), await objects.isThere(other)];
  if (failure === undefined && isLeft)
    findings.push(`${how}, an object is not removed, although it is the version that was named.`);
  if (!isKept)
    findings.push(`${how}, an object is removed although it is another version than the one that was named.`);
  return failure === undefined && !isLeft && isKept && results[1] === 'changed';
}

function removeEach(store: WritableStore, items: readonly VersionedKey[]): ReturnType<RemoveAll> {
  return Promise.all(items.map(({ key, version }) => store.remove(key, version).catch(failureOf)));
}

/** A bug stays one. */
function failureOf(error: unknown): StoreFailure {
  if (error instanceof StoreFailure) return error;
  throw error;
}

async function listsAtOnce({ store, objects, findings }: Probe): Promise<boolean> {
  const item = await objects.make('listed');
  const isListed = await store.lists(item.key);
  const isRemoved = (await store.remove(item.key, item.version).catch(failureOf)) === 'removed';
  const isLate = isRemoved && (await store.lists(item.key));
  if (!isListed) findings.push('A listing does not show an object that was just created.');
  if (isLate) findings.push('A listing shows an object that was just removed.');
  return isListed && !isLate;
}

async function keepsMetadata({ store, objects, findings }: Probe): Promise<boolean> {
  const { key } = await objects.make('metadata', { probe: 'a=1;b' });
  const isKept = (await store.facts(key))?.metadata['probe'] === 'a=1;b';
  if (!isKept) findings.push('User metadata are not kept.');
  return isKept;
}

function sentence(error: unknown): string {
  return `${failureOf(error).message}.`;
}
