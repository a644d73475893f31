import { UserError } from '../errors.js';
import type { S3Access } from './s3-access.js';

/**
 * Looks at the names of a bucket and of its server, before any request.
 * @throws UserError for kinds of buckets that are not supported, and for an endpoint that is no address
 */
export function expectUsableBucket(bucket: string, { endpointUrl }: S3Access): void {
  refuseUnknownKinds(bucket);
  refuseNoAddress(endpointUrl);
}

/** Their listings have no order, or their requests other signatures. */
function refuseUnknownKinds(bucket: string): void {
  const kind = /--x-s3$/.test(bucket)
    ? 'a directory bucket (S3 Express One Zone)'
    : /^arn:[^:]*:s3::/.test(bucket)
      ? 'a Multi-Region Access Point'
      : undefined;
  if (kind === undefined) return;
  throw new UserError(`Cannot use ${bucket}: ${kind} is not supported`, {
    wayOut: 'Give the name of a general purpose bucket, or the ARN of an access point in one region.',
  });
}

function refuseNoAddress(endpointUrl: string | undefined): void {
  if (endpointUrl === undefined) return;
  const isAddress = URL.canParse(endpointUrl) && /^https?:$/.test(new URL(endpointUrl).protocol);
  if (isAddress) return;
  throw new UserError(`The endpoint ${endpointUrl} is not an address`, {
    wayOut: 'Write it as http://127.0.0.1:4566 or https://s3.example.com.',
  });
}
