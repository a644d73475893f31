import { type Answer, type Call, type Operation, xmlAnswer } from './answer.js';
import {
  createBucket,
  deleteBucket,
  getBucketLocation,
  getBucketVersioning,
  headBucket,
  listBuckets,
  putBucketVersioning,
} from './bucket-operations.js';
import { listObjectVersions } from './list-versions.js';
import { listObjects, listObjectsV2 } from './listing.js';
import {
  abortMultipartUpload,
  completeMultipartUpload,
  createMultipartUpload,
  listMultipartUploads,
  listParts,
  uploadPart,
} from './multipart.js';
import { getObject, getObjectAttributes, headObject } from './read-object.js';
import { deleteObjectTagging, getObjectTagging, putObjectTagging } from './tagging.js';
import { copyObject, deleteObject, deleteObjects, putObject } from './write-object.js';

/** All that the server can do, by the name of the operation. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  ListBuckets: listBuckets,
  CreateBucket: createBucket,
  DeleteBucket: deleteBucket,
  HeadBucket: headBucket,
  GetBucketLocation: getBucketLocation,
  GetBucketVersioning: getBucketVersioning,
  PutBucketVersioning: putBucketVersioning,
  ListObjects: (call) => listed('ListBucketResult', listObjects, call),
  ListObjectsV2: (call) => listed('ListBucketResult', listObjectsV2, call),
  ListObjectVersions: (call) => listed('ListVersionsResult', listObjectVersions, call),
  ListMultipartUploads: listMultipartUploads,
  ListParts: listParts,
  GetObject: getObject,
  HeadObject: headObject,
  GetObjectAttributes: getObjectAttributes,
  GetObjectTagging: getObjectTagging,
  PutObjectTagging: putObjectTagging,
  DeleteObjectTagging: deleteObjectTagging,
  PutObject: putObject,
  CopyObject: copyObject,
  DeleteObject: deleteObject,
  DeleteObjects: deleteObjects,
  CreateMultipartUpload: createMultipartUpload,
  UploadPart: uploadPart,
  CompleteMultipartUpload: completeMultipartUpload,
  AbortMultipartUpload: abortMultipartUpload,
};

function listed(root: string, list: typeof listObjects, { request, bucket }: Call): Answer {
  return xmlAnswer(root, list(request, bucket));
}
