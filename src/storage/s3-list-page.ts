import { ListObjectsV2Command, type ListObjectsV2CommandOutput } from '@aws-sdk/client-s3';
import type { S3Access } from './s3-access.js';
import type { S3Connection } from './s3-connection.js';
import { S3Failure } from './s3-failure.js';

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
  return connection.send('ListObjectsV2', async (client, abortSignal) =>
    readPage(await client.send(command, { abortSignal })),
  );
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

/** An answer that does not say whether more follows may have lost its end: it must not pass for the last page. */
function readPage(answer: ListObjectsV2CommandOutput): ListPage {
  const { IsTruncated, NextContinuationToken, Contents = [], CommonPrefixes = [], EncodingType } = answer;
  if (IsTruncated === undefined) throw new S3Failure('Garbled', { text: 'a page of the listing is incomplete' });
  if (IsTruncated && (NextContinuationToken ?? '') === '')
    throw new S3Failure('Garbled', { text: 'a page of the listing does not say where the next begins' });
  const decode = EncodingType === 'url' ? decodeKey : (key: string): string => key;
  return {
    keys: Contents.flatMap(({ Key, Size = 0, ETag = '' }) =>
      Key === undefined ? [] : [{ key: decode(Key), size: Size, etag: ETag }],
    ),
    folders: CommonPrefixes.flatMap(({ Prefix }) => (Prefix === undefined ? [] : [decode(Prefix)])),
    ...(IsTruncated && NextContinuationToken !== undefined ? { next: NextContinuationToken } : {}),
  };
}

function decodeKey(key: string): string {
  return decodeURIComponent(key.replaceAll('+', ' '));
}
