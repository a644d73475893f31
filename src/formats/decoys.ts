import type { Decoy } from './log-format.js';

/** JSON that lies beside logs, told by keys that nothing else has. */
export const DECOYS: readonly Decoy[] = [
  {
    reason: 'S3 event notification',
    signatures: [{ all: ['s3', 'eventName'] }, { all: ['Service', 'Event', 'Bucket', 'HostId'] }],
  },
  {
    reason: 'stream or queue record handed to a function',
    signatures: [{ all: ['eventSourceARN'], any: ['dynamodb', 'kinesis', 'messageId', 'eventName'] }],
  },
  {
    reason: 'CloudTrail digest',
    signatures: [{ all: ['digestS3Object'] }, { all: ['digestStartTime', 'digestEndTime'] }],
  },
  {
    reason: 'S3 inventory manifest',
    signatures: [{ all: ['sourceBucket', 'destinationBucket', 'fileFormat', 'files'] }],
  },
  { reason: 'AWS Config snapshot', signatures: [{ all: ['configSnapshotId', 'configurationItems'] }] },
  {
    reason: 'table metadata',
    signatures: [{ all: ['format-version', 'table-uuid'] }, { all: ['table-uuid', 'schemas'] }],
  },
  { reason: 'CloudFormation template', signatures: [{ all: ['AWSTemplateFormatVersion', 'Resources'] }] },
  {
    reason: 'package manifest',
    signatures: [{ all: ['name', 'version'], any: ['dependencies', 'devDependencies', 'scripts', 'lockfileVersion'] }],
  },
];
