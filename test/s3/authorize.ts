import type { Bucket, Buckets } from './buckets.js';
import { S3Error } from './s3-error.js';
import type { S3Request } from './s3-request.js';
import { type KeyRing, type Signer, checkSignature } from './signatures.js';

const WITHOUT_BUCKET = ['ListBuckets', 'CreateBucket'];

export interface Access {
  readonly buckets: Buckets;
  readonly ring: KeyRing;
  /** How a request for a bucket of another region is refused: as a regional endpoint of S3 does, or as its global one. */
  readonly wrongRegion: 'PermanentRedirect' | 'AuthorizationHeaderMalformed';
}

/**
 * Says whether the request may be done: signature, bucket, region, owner, who pays.
 * @throws S3Error AccessDenied, NoSuchBucket, PermanentRedirect, AuthorizationHeaderMalformed and those of signatures.
 */
export function authorize(request: S3Request, { buckets, ring, wrongRegion }: Access): Signer | undefined {
  const signer = checkSignature(request, ring);
  if (WITHOUT_BUCKET.includes(request.operation)) {
    if (signer === undefined) throw new S3Error('AccessDenied');
    return signer;
  }
  const bucket = buckets.get(request.bucket);
  if (signer !== undefined && signer.region !== bucket.region) throw redirect(bucket, signer.region, wrongRegion);
  if (signer === undefined && !(bucket.anonymous && ['GET', 'HEAD'].includes(request.method))) {
    throw new S3Error('AccessDenied');
  }
  const owner = request.headers['x-amz-expected-bucket-owner'];
  if (owner !== undefined && owner !== bucket.owner) throw new S3Error('AccessDenied');
  const pays = request.headers['x-amz-request-payer'] ?? request.query['x-amz-request-payer'];
  if (bucket.requesterPays && pays !== 'requester') throw new S3Error('AccessDenied');
  return signer;
}

function redirect({ name, region }: Bucket, signed: string, code: Access['wrongRegion']): S3Error {
  const headers = { 'x-amz-bucket-region': region };
  if (code === 'PermanentRedirect') {
    const details = { Endpoint: `${name}.s3.${region}.amazonaws.com`, Bucket: name };
    return new S3Error(code, undefined, { headers, details });
  }
  const message = `The authorization header is malformed; the region '${signed}' is wrong; expecting '${region}'`;
  return new S3Error(code, message, { headers, details: { Region: region } });
}
