import { ListObjectsV2Command, type ListObjectsV2CommandOutput } from '@aws-sdk/client-s3';
import type { S3Access } from './s3-access.js';
import type { S3Connection } from './s3-connection.js';
import { S3Failure } from './s3-failure.js';
import { takeContents } from './s3-list-contents.js';

export interface PageRequest {
  readonly prefix: string;
  /** Keys up to and with this one are left out; it need not exist. */
  readonly after?: string;
  /** Where the page before this one ended. */
  readonly token?: string;
  /** Gives the folders right below the prefix instead of what is in them. */
  readonly folders?: boolean;
}

export interface ListedKey {
  readonly key: string;
  readonly size: number;
  readonly etag: string;
  /** Milliseconds since 1970; absent where the server does not tell. */
  readonly modified?: number;
}

/** Up to a thousand keys, in the order of their bytes. */
export interface ListPage {
  readonly keys: readonly ListedKey[];
  /** Folders, each ending in `/`. */
  readonly folders: readonly string[];
  /** The token of the next page; absent on the last. */
  readonly next?: string;
}

/**
 * Asks for one page of a listing (ListObjectsV2).
 * @throws S3Failure when it cannot be had, or makes no sense
 */
export function listPage(connection: S3Connection, request: PageRequest): Promise<ListPage> {
  const command = new ListObjectsV2Command({
    Bucket: connection.bucket,
    Prefix: request.prefix,
    ...(request.folders === true ? { Delimiter: '/' } : {}),
    ...(request.token !== undefined ? { ContinuationToken: request.token } : {}),
    ...(request.token === undefined && request.after !== undefined ? { StartAfter: request.after } : {}),
    ...ownerParameters(connection.access),
  });
  const contents = takeContents(command);
  return connection.send('ListObjectsV2', async (client, abortSignal) => {
    const answer = await client.send(command, { abortSignal });
    const taken = contents();
    return readPage(taken === undefined ? answer : { ...answer, Contents: taken }, request.prefix);
  });
}

/** What every request says of the bucket's owner. */
export function ownerParameters({ requestPayer, expectedBucketOwner }: S3Access): {
  RequestPayer?: 'requester';
  ExpectedBucketOwner?: string;
} {
  return {
    ...(requestPayer === true ? { RequestPayer: 'requester' as const } : {}),
    ...(expectedBucketOwner === undefined ? {} : { ExpectedBucketOwner: expectedBucketOwner }),
  };
}

/**
 * Nothing tells whether a listing came as it was sent, so what contradicts itself is not taken: an answer that has lost its
 * end, a key or what is known of it must not pass for the whole.
 */
function readPage(answer: ListObjectsV2CommandOutput, prefix: string): ListPage {
  const { IsTruncated, NextContinuationToken = '', Contents = [], CommonPrefixes = [], KeyCount = 0 } = answer;
  if (IsTruncated === undefined) throw garbled('is incomplete');
  if (IsTruncated && NextContinuationToken === '') throw garbled('does not say where the next begins');
  if (!IsTruncated && NextContinuationToken !== '') throw garbled('is the last, and yet says where the next begins');
  if (KeyCount > Contents.length + CommonPrefixes.length) throw garbled('has fewer keys than it counts');
  const read = (name: string | undefined): string => readName(name, { prefix, encoding: answer.EncodingType });
  return {
    keys: Contents.map(({ Key, Size, ETag = '', LastModified }) => ({
      key: read(Key),
      size: readSize(Size),
      etag: ETag,
      ...(LastModified === undefined ? {} : { modified: LastModified.getTime() }),
    })),
    folders: CommonPrefixes.map(({ Prefix }) => read(Prefix)),
    ...(IsTruncated ? { next: NextContinuationToken } : {}),
  };
}

function readName(
  name: string | undefined,
  { prefix, encoding }: { prefix: string; encoding: string | undefined },
): string {
  const read = encoding === 'url' && name !== undefined ? decodeKey(name) : name;
  if (read?.startsWith(prefix) !== true) throw garbled('has a key that was not asked for');
  return read;
}

function readSize(size: number | undefined): number {
  if (size === undefined || !Number.isSafeInteger(size) || size < 0) throw garbled('has a key without a size');
  return size;
}

function garbled(what: string): S3Failure {
  return new S3Failure('Garbled', { text: `a page of the listing ${what}` });
}

function decodeKey(key: string): string {
  try {
    return decodeURIComponent(key.replaceAll('+', ' '));
  } catch {
    throw garbled('has a key that cannot be decoded');
  }
}
