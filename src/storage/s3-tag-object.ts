import { GetObjectTaggingCommand, PutObjectTaggingCommand, type Tag } from '@aws-sdk/client-s3';
import type { S3Connection } from './s3-connection.js';
import { toFailure } from './s3-failure.js';
import { headObject, type ObjectHead } from './s3-head-object.js';
import { ownerParameters } from './s3-list-page.js';
import { expectVersion, isAbsence } from './s3-remove-object.js';
import type { VersionedKey } from './writable-store.js';

/** What became of an object that was to be tagged. */
export type Tagging = 'tagged' | 'changed' | 'gone';

/**
 * Adds tags to an object that still has its ETag; its other tags stay. S3 knows no condition for this: where the bucket keeps
 * versions, the version is named; elsewhere the object is looked at again, and one that took its place meanwhile gets the tags
 * back that it came with, which are none as a rule.
 * @param item the whole key
 * @throws S3Failure when it may not, or may have been done
 */
export async function tagObject(
  connection: S3Connection,
  { key, version }: VersionedKey,
  tags: Readonly<Record<string, string>>,
): Promise<Tagging> {
  expectVersion(version);
  try {
    const before = await headObject(connection, key);
    if (before.etag !== version) return 'changed';
    const tagged = new Tagger(connection, before);
    const old = await tagged.read();
    await tagged.write(merge(old, tags));
    const after = await headObject(connection, key);
    if (after.etag === version) return 'tagged';
    // It may be the new one that was tagged.
    if (!tagged.isOfVersion) await tagged.write([]);
    return 'changed';
  } catch (error) {
    const failure = toFailure(error);
    if (failure !== undefined && isAbsence(failure)) return 'gone';
    throw failure ?? error;
  }
}

function merge(old: readonly Tag[], tags: Readonly<Record<string, string>>): Tag[] {
  const kept = old.filter(({ Key = '' }) => !Object.hasOwn(tags, Key));
  return [...kept, ...Object.entries(tags).map(([Key, Value]) => ({ Key, Value }))];
}

/** The tags of an object, or of one version of it. */
class Tagger {
  readonly isOfVersion: boolean;
  readonly #connection: S3Connection;
  readonly #named: { readonly Bucket: string; readonly Key: string; readonly VersionId?: string };

  constructor(connection: S3Connection, { key, versionId }: ObjectHead) {
    this.isOfVersion = versionId !== undefined && versionId !== 'null';
    this.#connection = connection;
    const named = { Bucket: connection.bucket, Key: key, ...ownerParameters(connection.access) };
    this.#named = versionId === undefined || versionId === 'null' ? named : { ...named, VersionId: versionId };
  }

  async read(): Promise<Tag[]> {
    const command = new GetObjectTaggingCommand(this.#named);
    return this.#connection.send('GetObjectTagging', async (client, abortSignal) => {
      const { TagSet = [] } = await client.send(command, { abortSignal });
      return TagSet;
    });
  }

  async write(tags: Tag[]): Promise<void> {
    const command = new PutObjectTaggingCommand({ ...this.#named, Tagging: { TagSet: tags } });
    await this.#connection.send('PutObjectTagging', async (client, abortSignal) => {
      await client.send(command, { abortSignal });
    });
  }
}
