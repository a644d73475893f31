import { UserError } from '../errors.js';
import type { S3Access } from './s3-access.js';
import type { S3Failure } from './s3-failure.js';
import { deniedPermission, isCertificateTrouble, reasonOfFailure } from './s3-failure-reason.js';

/** What was tried when a request failed. */
export interface FailedRequest {
  /** The source as it is shown: `s3://bucket/prefix/`. */
  readonly name: string;
  readonly bucket: string;
  readonly access: S3Access;
  /** The operation by its name in S3. */
  readonly operation: string;
  /** The host that was asked; absent where it came to no request. */
  readonly host?: string;
}

type WayOut = (request: Omit<FailedRequest, 'name'>, failure: S3Failure) => string | readonly string[];

/** The error for a request that everything else depends on, with what can be done about it. */
export function explainFailure(failure: S3Failure, request: FailedRequest): UserError {
  const reason = reasonOfFailure(failure, request);
  return new UserError(`Cannot read ${request.name}: ${reason}`, { wayOut: wayOut(failure, request), cause: failure });
}

/** What can be done about a request that failed. */
export function wayOut(failure: S3Failure, request: Omit<FailedRequest, 'name'>): string | readonly string[] {
  return wayOutOf(failure)(request, failure);
}

function wayOutOf(failure: S3Failure): WayOut {
  const known = WAYS_OUT.get(failure.code);
  if (known !== undefined) return known;
  if (isCertificateTrouble(failure.code)) return TRUST;
  if (failure.isExpiry) return RENEW;
  if (failure.isThrottling)
    return () => 'Try again later, or ask for less with a longer prefix or --since and --until.';
  if (failure.status === 403) return ALLOW;
  if (failure.status === 404) return CHECK_WHO_ANSWERS;
  if (failure.status === 301 || failure.details.region !== undefined) return NAME_REGION;
  return () => [];
}

const RENEW: WayOut = ({ access: { profile } }) =>
  `Get new ones: aws sso login${profile === undefined ? '' : ` --profile ${profile}`}, or new temporary credentials in the environment.`;

const ALLOW: WayOut = ({ access, bucket, operation }, failure) => {
  if (access.noSignRequest === true) return 'The bucket is not open to everybody: leave out --no-sign-request.';
  const resource = bucket.startsWith('arn:') ? bucket : `arn:aws:s3:::${bucket}`;
  const needed = deniedPermission(failure, operation);
  return [
    READING.includes(operation) ? readingNeeds(needed, resource) : `It needs ${needed} on ${resource}/*.`,
    'Give other credentials with --profile, or ask the owner of the bucket for the permission.',
  ];
};

const READING = ['ListObjectsV2', 'GetObject', 'HeadObject'];

function readingNeeds(needed: string, resource: string): string {
  return needed.startsWith('s3:')
    ? `Reading needs s3:ListBucket on ${resource} and s3:GetObject on ${resource}/*.`
    : `Reading needs ${needed} on the key that the objects are encrypted with.`;
}

const NAME_REGION: WayOut = ({ access: { region } }) =>
  region === undefined
    ? 'Give the region of the bucket with --region.'
    : 'Leave out --region, or give that of the bucket.';

const CHECK_WHO_ANSWERS: WayOut = () =>
  'Check that --endpoint-url (or AWS_ENDPOINT_URL) is the address of an S3 server, without a bucket, and AWS_ACCESS_KEY_ID.';

const TRUST: WayOut = () => [
  'Set AWS_CA_BUNDLE to a file with the certificate (PEM) of the authority that the server is to be trusted by.',
];

const CHECK_ENDPOINT: WayOut = ({ access: { endpointUrl } }) =>
  endpointUrl === undefined
    ? 'Check the network, the region, and AWS_ENDPOINT_URL where it is set.'
    : 'Check --endpoint-url, and that the server is running.';

/** A map: codes are the server's words, `toString` among them. */
const WAYS_OUT: ReadonlyMap<string, WayOut> = new Map(
  Object.entries<WayOut>({
    NoSuchBucket: () =>
      'Check the name; aws s3 ls shows the buckets that you own. One that is not at AWS needs --endpoint-url.',
    NoSuchKey: CHECK_WHO_ANSWERS,
    Garbled: CHECK_WHO_ANSWERS,
    InvalidBucketName: () => 'Write the source as s3://bucket/prefix/.',
    EndpointError: (_, { details: { text = '' } }) =>
      /custom endpoint/i.test(text)
        ? 'Write AWS_ENDPOINT_URL with its protocol: http://localhost:4566.'
        : 'Write the source as s3://bucket/prefix/, or with the ARN of an access point as the bucket.',
    CredentialsProviderError: ({ access: { profile } }) => [
      'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN for temporary ones);',
      `or sign in: aws sso login or aws configure${profile === undefined ? ', and name the profile with --profile' : ` --profile ${profile}`};`,
      'or run where a role is given, as on EC2, ECS or Lambda. A bucket that is open to everybody needs only --no-sign-request.',
    ],
    TokenProviderError: RENEW,
    InvalidToken: RENEW,
    InvalidAccessKeyId: () => 'Check AWS_ACCESS_KEY_ID or the profile; a server that is not AWS needs --endpoint-url.',
    SignatureDoesNotMatch: () => 'Check AWS_SECRET_ACCESS_KEY or the profile.',
    RequestTimeTooSkewed: () =>
      'Set the clock of this machine; it must not be wrong by more than a quarter of an hour.',
    AuthorizationHeaderMalformed: NAME_REGION,
    PermanentRedirect: NAME_REGION,
    TemporaryRedirect: NAME_REGION,
    IllegalLocationConstraintException: NAME_REGION,
    ECONNREFUSED: CHECK_ENDPOINT,
    ENOTFOUND: CHECK_ENDPOINT,
    EAI_AGAIN: CHECK_ENDPOINT,
    EHOSTUNREACH: CHECK_ENDPOINT,
    ENETUNREACH: CHECK_ENDPOINT,
    NoConnection: () => 'Check the network, and HTTPS_PROXY where only a proxy leads out.',
    NoProxy: () => 'Check HTTPS_PROXY and HTTP_PROXY; NO_PROXY names the hosts that need no proxy.',
    Stalled: () => 'Check the network, and HTTPS_PROXY where only a proxy leads out.',
    ETIMEDOUT: () => 'Check the network, and HTTPS_PROXY where only a proxy leads out.',
    EPROTO: () => 'Check whether the endpoint begins with http:// or https://.',
  }),
);
