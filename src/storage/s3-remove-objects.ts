import type { S3Connection } from './s3-connection.js';
import { type BatchResult, isInXml, MAX_BATCH, removeBatch } from './s3-remove-batch.js';
import { removeObject, whatIsLeft } from './s3-remove-object.js';
import { s3StoreFailure } from './s3-store-failure.js';
import { type Removal, StoreFailure, type VersionedKey } from './writable-store.js';

type Result = Removal | StoreFailure;

/**
 * Removes objects that still have their ETags, each by a request or many by one; what an answer leaves unclear is asked for
 * again, alone. The results are in the order of the items.
 * @param items by their whole keys
 */
export async function removeObjects(
  connection: S3Connection,
  items: readonly VersionedKey[],
  how: 'single' | 'batches',
): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (let at = 0; at < items.length; at += MAX_BATCH) {
    const batch = items.slice(at, at + MAX_BATCH);
    results.push(...(how === 'single' ? await removeEach(connection, batch) : await removeTogether(connection, batch)));
  }
  return results;
}

function removeEach(connection: S3Connection, items: readonly VersionedKey[]): Promise<Result[]> {
  return Promise.all(items.map((item) => orFailure(connection, item, () => removeObject(connection, item))));
}

async function removeTogether(connection: S3Connection, items: readonly VersionedKey[]): Promise<Result[]> {
  const fit = items.filter(({ key, version }) => isInXml(key) && version !== '');
  const answers = await askForAll(connection, fit);
  const answered = new Map(fit.map((item, index) => [item, answers[index] ?? 'unclear']));
  return Promise.all(items.map((item) => settle(connection, item, answered.get(item) ?? 'unclear')));
}

async function askForAll(
  connection: S3Connection,
  items: readonly VersionedKey[],
): Promise<readonly (BatchResult | StoreFailure)[]> {
  if (items.length === 0) return [];
  try {
    return await removeBatch(connection, items);
  } catch (error) {
    const failure = s3StoreFailure(error, connection, `remove objects of s3://${connection.bucket}/`);
    if (!(failure instanceof StoreFailure)) throw failure;
    return items.map(() => failure);
  }
}

async function settle(
  connection: S3Connection,
  item: VersionedKey,
  answer: BatchResult | StoreFailure,
): Promise<Result> {
  if (answer === 'unclear') return orFailure(connection, item, () => removeObject(connection, item));
  if (answer === 'changed') return orFailure(connection, item, () => whatIsLeft(connection, item.key));
  return answer;
}

/** A bug stays one. */
async function orFailure(
  connection: S3Connection,
  { key }: VersionedKey,
  ask: () => Promise<Removal>,
): Promise<Result> {
  try {
    return await ask();
  } catch (error) {
    const failure = s3StoreFailure(error, connection, `remove s3://${connection.bucket}/${key}`);
    if (failure instanceof StoreFailure) return failure;
    throw failure;
  }
}
