import { type Answer, type Call, emptyAnswer, xmlAnswer } from './answer.js';
import { isoSeconds } from './listing.js';
import { S3Error } from './s3-error.js';
import { readXml, textOf } from './xml.js';

export function listBuckets({ buckets }: Call): Answer {
  const named = buckets.all().map(
    ({ name, created }) =>
      [
        'Bucket',
        [
          ['Name', name],
          ['CreationDate', isoSeconds(created)],
        ],
      ] as const,
  );
  return xmlAnswer('ListAllMyBucketsResult', [['Buckets', named]]);
}

/** CreateBucket. @throws S3Error InvalidBucketName, BucketAlreadyOwnedByYou. */
export function createBucket({ request, payload, buckets }: Call): Answer {
  const { bucket: name } = request;
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name)) throw new S3Error('InvalidBucketName');
  if (buckets.find(name) !== undefined) throw new S3Error('BucketAlreadyOwnedByYou');
  const wish = payload.bytes.length === 0 ? undefined : readXml(payload.bytes, 'CreateBucketConfiguration');
  const region = wish === undefined ? undefined : textOf(wish, 'LocationConstraint');
  buckets.create(name, region === undefined ? {} : { region });
  return emptyAnswer(200, { location: `/${name}` });
}

export function deleteBucket({ request, buckets, bucket }: Call): Answer {
  if (bucket.objects.keys().length > 0) throw new S3Error('BucketNotEmpty');
  buckets.delete(request.bucket);
  return emptyAnswer(204);
}

export function headBucket({ bucket }: Call): Answer {
  return emptyAnswer(200, { 'x-amz-bucket-region': bucket.region });
}

/** us-east-1 is the empty text here. */
export function getBucketLocation({ bucket }: Call): Answer {
  return xmlAnswer('LocationConstraint', bucket.region === 'us-east-1' ? '' : bucket.region);
}

export function getBucketVersioning({ bucket }: Call): Answer {
  return xmlAnswer('VersioningConfiguration', bucket.versioning === undefined ? [] : [['Status', bucket.versioning]]);
}

export function putBucketVersioning({ payload, bucket }: Call): Answer {
  const status = textOf(readXml(payload.bytes, 'VersioningConfiguration'), 'Status');
  if (status !== 'Enabled' && status !== 'Suspended') throw new S3Error('MalformedXML');
  bucket.versioning = status;
  return emptyAnswer(200);
}
