import type { S3Access } from './s3-access.js';
import type { S3Failure } from './s3-failure.js';

/** What was asked of whom. */
export interface AskedOf {
  /** The operation by its name in S3. */
  readonly operation: string;
  readonly host?: string;
  readonly access?: Pick<S3Access, 'profile'>;
  /** The key was not found by a listing. */
  readonly isUnlisted?: boolean;
}

type Reason = string | ((failure: S3Failure, asked: AskedOf) => string);

/** Why a request failed, in words without the key. */
export function reasonOfFailure(failure: S3Failure, asked: AskedOf): string {
  const reason = REASONS.get(failure.code) ?? reasonOfKind(failure);
  const text = typeof reason === 'string' ? reason : reason(failure, asked);
  return failure.attempts > 1 ? `${text} (${failure.attempts} attempts)` : text;
}

/** The permission that was missing, as the server names it, else the one that the operation needs. */
export function deniedPermission({ details }: S3Failure, operation: string): string {
  const [, named] = /not authorized to perform: ([a-z0-9-]+:[A-Za-z]+)/.exec(details.text ?? '') ?? [];
  return named ?? PERMISSIONS.get(operation) ?? `s3:${operation}`;
}

/** What was not listed may well be missing. */
function isOfListed({ operation, isUnlisted }: AskedOf): boolean {
  return isUnlisted !== true && (operation === 'GetObject' || operation === 'HeadObject');
}

/** Where they are not named after the operation. */
const PERMISSIONS: ReadonlyMap<string, string> = new Map([
  ['ListObjectsV2', 's3:ListBucket'],
  ['HeadObject', 's3:GetObject'],
  ['CreateMultipartUpload', 's3:PutObject'],
  ['UploadPart', 's3:PutObject'],
  ['CompleteMultipartUpload', 's3:PutObject'],
  ['DeleteObjects', 's3:DeleteObject'],
]);

/** Whether a code is one of the names that Node gives to what can be wrong with a certificate. */
export function isCertificateTrouble(code: string): boolean {
  return /CERT|SELF_SIGNED|UNABLE_TO_/.test(code);
}

function reasonOfKind(failure: S3Failure): Reason {
  const { status, code } = failure;
  if (failure.isExpiry) return 'the credentials have expired';
  if (status === 403) return DENIED;
  if (status === 404) return GONE;
  if (status === 412) return CHANGED;
  if (isCertificateTrouble(code)) return CERTIFICATE;
  if (status !== undefined) return answered;
  return ({ details: { text } }) => (text === undefined || text === code ? code : `${shorten(text)} (${code})`);
}

/** A listing cannot be gone: what answers so may be no S3 server, or not know who asks. */
const GONE: Reason = (failure, asked) => (isOfListed(asked) ? 'gone since it was listed' : answered(failure));

const CHANGED: Reason = (failure, asked) => (isOfListed(asked) ? 'changed while it was read' : answered(failure));

const DENIED: Reason = (failure, { operation }) =>
  `access denied: ${deniedPermission(failure, operation)} is not allowed`;

function answered({ status, code, details: { text = '' } }: S3Failure): string {
  const named = code === String(status) ? '' : ` ${code}`;
  return `the server answered ${status}${named}${text === '' || text === code ? '' : `: ${shorten(text)}`}`;
}

const CERTIFICATE: Reason = ({ code }, { host }) => {
  const self = code.includes('SELF_SIGNED') ? ', which it has signed itself' : '';
  return `the certificate of ${host ?? 'the server'} is not trusted${self} (${code})`;
};

const NO_NAME: Reason = (_, { host }) => `the host name ${host ?? ''} cannot be found`;
const NO_WAY: Reason = (_, { host }) => `there is no way to ${host ?? 'the server'}`;
const OTHER_REGION: Reason = ({ details: { region } }) =>
  region === undefined ? 'the bucket is in another region' : `the bucket is in another region (${region})`;

/** Messages of the SDK that say no more than that there are no credentials. */
const NO_CREDENTIALS = /^(Could not load credentials from any providers|Credential is missing)/;

/** A map: codes are the server's words, `toString` among them. */
const REASONS: ReadonlyMap<string, Reason> = new Map(
  Object.entries<Reason>({
    NoSuchBucket: 'there is no such bucket',
    NoSuchKey: GONE,
    InvalidBucketName: 'the bucket name is not valid',
    EndpointError: ({ details: { text = '' } }) => `the bucket cannot be addressed: ${shorten(text)}`,
    InvalidObjectState: 'archived (Glacier): it must be restored before it can be read',
    CredentialsProviderError: ({ details: { text = '' } }, { access }) =>
      NO_CREDENTIALS.test(text)
        ? `no credentials were found${access?.profile === undefined ? '' : ` for the profile ${access.profile}`}`
        : `the credentials cannot be loaded: ${shorten(text)}`,
    TokenProviderError: ({ details: { text = '' } }) => `the credentials cannot be loaded: ${shorten(text)}`,
    InvalidToken: 'the session token is not valid',
    InvalidAccessKeyId: 'the access key id is not known there',
    SignatureDoesNotMatch: 'the signature is wrong, as it is with a wrong secret access key',
    RequestTimeTooSkewed: "this machine's clock and the server's are too far apart",
    AuthorizationHeaderMalformed: OTHER_REGION,
    PermanentRedirect: OTHER_REGION,
    TemporaryRedirect: OTHER_REGION,
    IllegalLocationConstraintException: OTHER_REGION,
    ECONNREFUSED: (_, { host }) => `nothing listens at ${host ?? 'the endpoint'}`,
    ENOTFOUND: NO_NAME,
    EAI_AGAIN: NO_NAME,
    EHOSTUNREACH: NO_WAY,
    ENETUNREACH: NO_WAY,
    ECONNRESET: 'the connection broke off',
    EPIPE: 'the connection broke off',
    Cut: 'the connection broke off',
    NoConnection: (_, { host }) => `${host ?? 'the server'} does not take the connection`,
    NoProxy: ({ details: { text = '' } }) => `the proxy does not lead there (${shorten(text)})`,
    Stalled: 'the server does not answer',
    ETIMEDOUT: 'the server does not answer',
    TooLarge: 'it has too many bytes to be what it should be',
    WrongLength: 'it came with another length than the one listed',
    WrongChecksum: 'what came does not match its checksum',
    Garbled: 'the answer cannot be understood',
    EPROTO: ({ details: { text = '' } }) => `no secure connection (TLS) can be made: ${shorten(text)}`,
    SlowDown: 'the server asks to slow down',
  }),
);

/** A server may say anything at any length. */
function shorten(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 200 ? `${line.slice(0, 200)}…` : line;
}
