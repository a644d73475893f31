import { Flags } from '@oclif/core';

/** How S3 is reached, named as the AWS CLI names it. `--region` is the bucket's: that of calls is `--region-name`. */
export const S3_FLAGS = {
  bucket: Flags.string({ helpGroup: 'S3', helpValue: '<name>', description: 'read this bucket, instead of a SOURCE' }),
  prefix: Flags.string({
    helpGroup: 'S3',
    helpValue: '<prefix>',
    description: 'with --bucket: only keys below it: AWSLogs/',
  }),
  'endpoint-url': Flags.string({
    helpGroup: 'S3',
    helpValue: '<url>',
    description: 'the server, where it is not AWS: http://localhost:4566',
  }),
  region: Flags.string({
    helpGroup: 'S3',
    helpValue: '<name>',
    description: 'the region of the bucket (default: found out); for calls of a region see --region-name',
  }),
  profile: Flags.string({
    helpGroup: 'S3',
    helpValue: '<name>',
    description: 'the profile of ~/.aws/config to take credentials and region from',
  }),
  'no-sign-request': Flags.boolean({ helpGroup: 'S3', description: 'ask without credentials, for public buckets' }),
  'request-payer': Flags.boolean({
    helpGroup: 'S3',
    description: 'pay for the requests to a bucket whose owner does not',
  }),
  'expected-bucket-owner': Flags.string({
    helpGroup: 'S3',
    helpValue: '<account>',
    description: 'refuse the bucket when it belongs to another account',
  }),
  'max-bytes': Flags.string({
    helpGroup: 'S3',
    helpValue: '<bytes>',
    default: '50GB',
    description: 'fetch no more than this from S3: 500MB, 120GB; none (or 0) sets no limit',
  }),
  'connect-timeout': Flags.integer({
    helpGroup: 'S3',
    helpValue: '<seconds>',
    min: 1,
    description: 'how long a connection may take to open (default: 10)',
  }),
  'read-timeout': Flags.integer({
    helpGroup: 'S3',
    helpValue: '<seconds>',
    min: 1,
    description: 'how long the server may send nothing (default: 30)',
  }),
} as const;

export interface S3Flags {
  readonly bucket: string | undefined;
  readonly prefix: string | undefined;
  readonly 'endpoint-url': string | undefined;
  readonly region: string | undefined;
  readonly profile: string | undefined;
  readonly 'no-sign-request': boolean;
  readonly 'request-payer': boolean;
  readonly 'expected-bucket-owner': string | undefined;
  readonly 'max-bytes': string;
  /** Seconds. */
  readonly 'connect-timeout': number | undefined;
  /** Seconds. */
  readonly 'read-timeout': number | undefined;
}
