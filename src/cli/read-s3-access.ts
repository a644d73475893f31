import { UserError } from '../errors.js';
import type { S3Access } from '../storage/s3-access.js';
import type { SourceSettings } from './parse-config.js';
import type { S3Flags } from './s3-flags.js';

export interface AccessChoice {
  readonly flags: S3Flags;
  /** What the configuration says of the source. */
  readonly source: SourceSettings;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * How a bucket is reached: by the flags, else by what the configuration says of the source; what neither says is left to the
 * environment and the files of the AWS CLI.
 * @throws UserError for an `--endpoint-url` that is no address of a server
 */
export function readS3Access({ flags, source, env }: AccessChoice): S3Access {
  const endpointUrl = flags['endpoint-url'] === undefined ? source.endpointUrl : readEndpoint(flags['endpoint-url']);
  return {
    env,
    now: () => new Date(),
    noSignRequest: flags['no-sign-request'],
    requestPayer: flags['request-payer'],
    ...given('endpointUrl', endpointUrl),
    ...given('region', flags.region ?? source.region),
    ...given('profile', flags.profile ?? source.profile),
    ...given('expectedBucketOwner', flags['expected-bucket-owner']),
    ...given('connectTimeoutMs', inMilliseconds(flags['connect-timeout'])),
    ...given('readTimeoutMs', inMilliseconds(flags['read-timeout'])),
  };
}

/** The text itself is not shown: a name and a password may be in it. */
function readEndpoint(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol) && url.username + url.password + url.search === '')
    return text;
  const hasCredentials = url !== undefined && url.username + url.password !== '';
  throw new UserError(
    hasCredentials
      ? 'Cannot use --endpoint-url: it has a user name in it'
      : 'Cannot use --endpoint-url: it is no address',
    {
      wayOut: [
        'Write it as http://localhost:4566 or https://s3.example.com.',
        ...(hasCredentials ? ['Credentials go into AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile.'] : []),
      ],
    },
  );
}

function inMilliseconds(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1000;
}

function given<K extends string, T>(name: K, value: T | undefined): { readonly [P in K]?: T } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [P in K]: T });
}
