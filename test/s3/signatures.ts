import { createHash, createHmac } from 'node:crypto';
import { S3Error } from './s3-error.js';
import type { S3Request } from './s3-request.js';

export interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Temporary credentials are refused without it. */
  readonly sessionToken?: string;
}

export interface KeyRing {
  readonly keys: readonly AccessKey[];
  readonly expiredTokens: ReadonlySet<string>;
  readonly now: () => Date;
}

/** Who signed a request, and what its chunks are signed with. */
export interface Signer {
  readonly accessKeyId: string;
  /** The region that the signature is for. */
  readonly region: string;
  readonly signature: string;
  /** What the payload was said to be: a SHA-256 in hex, UNSIGNED-PAYLOAD, STREAMING-… */
  readonly payload: string;
  /** Signs a chunk: the text is completed with the algorithm, the time and the scope. */
  readonly signChunk: (algorithm: string, rest: string) => string;
}

interface Claim {
  readonly credential: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  readonly time: string;
  readonly payload: string;
  readonly token: string | undefined;
  /** Seconds that a presigned URL is good for. */
  readonly expires?: number;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';
const MAX_SKEW_MS = 15 * 60_000;
const MAX_EXPIRES_S = 604_800;

/**
 * Computes the signature (version 4, in the header or the query) anew and compares. Undefined for an unsigned request.
 * @throws S3Error InvalidAccessKeyId, SignatureDoesNotMatch, RequestTimeTooSkewed, ExpiredToken and the like.
 */
export function checkSignature(request: S3Request, ring: KeyRing): Signer | undefined {
  const claim = 'X-Amz-Signature' in request.query ? readQueryClaim(request) : readHeaderClaim(request);
  if (claim === undefined) return undefined;
  const [accessKeyId = '', date, region = '', service, terminator, ...more] = claim.credential.split('/');
  if (service !== 's3' || terminator !== 'aws4_request' || more.length > 0 || date !== claim.time.slice(0, 8)) {
    throw malformed(claim, 'the Credential is mal-formed');
  }
  const key = ring.keys.find((one) => one.accessKeyId === accessKeyId);
  if (key === undefined)
    throw new S3Error('InvalidAccessKeyId', undefined, { details: { AWSAccessKeyId: accessKeyId } });
  checkTime(claim, ring.now());
  checkHeadersAreSigned(request, claim);
  const scope = `${date}/${region}/s3/aws4_request`;
  const signingKey = [date, region, 's3', 'aws4_request'].reduce<string | Buffer>(
    (secret, part) => hmac(secret, part),
    `AWS4${key.secretAccessKey}`,
  );
  const sign = (text: string): string => hmac(signingKey, text).toString('hex');
  const canonical = canonicalRequest(request, claim);
  const expected = sign([ALGORITHM, claim.time, scope, sha256Hex(canonical)].join('\n'));
  if (expected !== claim.signature) {
    throw new S3Error('SignatureDoesNotMatch', undefined, { details: { CanonicalRequest: canonical } });
  }
  checkToken(claim, key, ring.expiredTokens);
  const signChunk = (algorithm: string, rest: string): string => sign([algorithm, claim.time, scope, rest].join('\n'));
  return { accessKeyId, region, signature: expected, payload: claim.payload, signChunk };
}

export function sha256Hex(bytes: string | Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function readHeaderClaim({ headers }: S3Request): Claim | undefined {
  const authorization = headers['authorization'];
  if (authorization === undefined) return undefined;
  const match = /^AWS4-HMAC-SHA256 Credential=([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
    authorization,
  );
  if (match === null) throw new S3Error('AuthorizationHeaderMalformed');
  const [, credential = '', signedHeaders = '', signature = ''] = match;
  const [time, payload] = [headers['x-amz-date'], headers['x-amz-content-sha256']];
  if (time === undefined)
    throw new S3Error('AccessDenied', 'AWS authentication requires a valid Date or x-amz-date header');
  if (payload === undefined)
    throw new S3Error('InvalidRequest', 'Missing required header for this request: x-amz-content-sha256');
  const token = headers['x-amz-security-token'];
  return { credential, signedHeaders: signedHeaders.split(';'), signature, time, payload, token };
}

function readQueryClaim({ query, headers }: S3Request): Claim {
  const names = ['X-Amz-Algorithm', 'X-Amz-Credential', 'X-Amz-SignedHeaders', 'X-Amz-Date', 'X-Amz-Expires'];
  const [algorithm, credential = '', signedHeaders = '', time = '', expires = ''] = names.map((name) => query[name]);
  if (algorithm !== ALGORITHM || names.some((name) => (query[name] ?? '') === '')) {
    throw new S3Error(
      'AuthorizationQueryParametersError',
      `Query-string authentication version 4 requires ${names.join(', ')}`,
    );
  }
  return {
    credential,
    signedHeaders: signedHeaders.split(';'),
    signature: query['X-Amz-Signature'] ?? '',
    time,
    payload: query['X-Amz-Content-Sha256'] ?? headers['x-amz-content-sha256'] ?? 'UNSIGNED-PAYLOAD',
    token: query['X-Amz-Security-Token'],
    expires: Number(expires),
  };
}

function malformed(claim: Claim, why: string): S3Error {
  if (claim.expires !== undefined)
    return new S3Error('AuthorizationQueryParametersError', `Error parsing the query; ${why}`);
  return new S3Error('AuthorizationHeaderMalformed', `The authorization header is malformed; ${why}.`);
}

function checkTime(claim: Claim, now: Date): void {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(claim.time);
  if (match === null) throw malformed(claim, 'the date is not in ISO 8601 format');
  const [, year, month, day, hour, minute, second] = match.map(Number);
  const signedAt = Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute, second);
  const age = now.getTime() - signedAt;
  if (claim.expires === undefined) {
    if (Math.abs(age) <= MAX_SKEW_MS) return;
    const details = {
      RequestTime: claim.time,
      ServerTime: now.toISOString(),
      MaxAllowedSkewMilliseconds: String(MAX_SKEW_MS),
    };
    throw new S3Error('RequestTimeTooSkewed', undefined, { details });
  }
  if (!Number.isInteger(claim.expires) || claim.expires < 1 || claim.expires > MAX_EXPIRES_S) {
    throw malformed(claim, 'X-Amz-Expires must be between 1 and 604800');
  }
  if (age > claim.expires * 1000) throw new S3Error('AccessDenied', 'Request has expired');
  if (age < -MAX_SKEW_MS) throw new S3Error('AccessDenied', 'Request is not yet valid');
}

/** The host and every x-amz header must be under the signature. */
function checkHeadersAreSigned({ headers }: S3Request, { signedHeaders }: Claim): void {
  const needed = Object.keys(headers).filter((name) => name === 'host' || name.startsWith('x-amz-'));
  const missing = ['host', ...needed].filter((name) => !signedHeaders.includes(name));
  if (missing.length === 0) return;
  const details = { HeadersNotSigned: [...new Set(missing)].join(', ') };
  throw new S3Error('AccessDenied', 'There were headers present in the request which were not signed', { details });
}

function checkToken({ token }: Claim, key: AccessKey, expired: ReadonlySet<string>): void {
  if (token !== undefined && expired.has(token)) throw new S3Error('ExpiredToken');
  if (token !== key.sessionToken) throw new S3Error('InvalidToken');
}

function canonicalRequest({ method, path, query, headers }: S3Request, claim: Claim): string {
  const pairs = Object.entries(query).filter(([name]) => name !== 'X-Amz-Signature');
  const lines = claim.signedHeaders.map((name) => `${name}:${(headers[name] ?? '').trim().replace(/ +/g, ' ')}\n`);
  return [
    method,
    path
      .split('/')
      .map((part) => encodeStrictly(decodeURIComponent(part)))
      .join('/'),
    pairs
      .map((pair) => pair.map(encodeStrictly))
      .sort(([left = ''], [right = '']) => (left < right ? -1 : 1))
      .map((pair) => pair.join('='))
      .join('&'),
    lines.join(''),
    claim.signedHeaders.join(';'),
    claim.payload,
  ].join('\n');
}

/** RFC 3986: everything but the unreserved characters is escaped. */
function encodeStrictly(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
