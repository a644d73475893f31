import { type Checksum, verifyChecksums } from './checksums.js';
import { S3Error } from './s3-error.js';
import type { S3Request } from './s3-request.js';
import { type Signer, sha256Hex } from './signatures.js';

export interface Payload {
  readonly bytes: Buffer;
  /** What came with it and holds; absent when the client sent none. */
  readonly checksum: Checksum | undefined;
}

/**
 * The bytes that a request carries: chunks taken apart (aws-chunked), then held against everything that the client said of them,
 * the SHA-256 under the signature, checksums in headers and trailers, and their length.
 * @throws S3Error IncompleteBody, XAmzContentSHA256Mismatch, BadDigest, SignatureDoesNotMatch for a chunk.
 */
export function readPayload(request: S3Request, body: Buffer, signer: Signer | undefined): Payload {
  const { headers } = request;
  checkLength(request, body);
  const kind = signer?.payload ?? headers['x-amz-content-sha256'] ?? 'UNSIGNED-PAYLOAD';
  if (kind.startsWith('STREAMING-')) return readChunks(kind, request, { body, signer });
  if (kind !== 'UNSIGNED-PAYLOAD' && kind !== sha256Hex(body)) {
    throw new S3Error(/^[0-9a-f]{64}$/.test(kind) ? 'XAmzContentSHA256Mismatch' : 'InvalidArgument');
  }
  // There the checksum is of the object that the parts make, not of this list of them.
  if (request.operation === 'CompleteMultipartUpload') return { bytes: body, checksum: undefined };
  return { bytes: body, checksum: verifyChecksums(body, headers) };
}

function checkLength({ method, headers }: S3Request, body: Buffer): void {
  const length = headers['content-length'];
  const needsLength = method === 'PUT' && headers['x-amz-decoded-content-length'] === undefined;
  if (needsLength && length === undefined && headers['transfer-encoding'] !== undefined) {
    throw new S3Error('MissingContentLength');
  }
  if (length !== undefined && Number(length) !== body.length) throw new S3Error('IncompleteBody');
}

interface Chunk {
  readonly data: Buffer;
  readonly signature: string | undefined;
}

const STREAMING_KINDS = [
  'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER',
];

function readChunks(kind: string, { headers }: S3Request, sent: { body: Buffer; signer: Signer | undefined }): Payload {
  if (!STREAMING_KINDS.includes(kind)) throw new S3Error('InvalidArgument', `x-amz-content-sha256: ${kind}`);
  const { chunks, rest } = splitChunks(sent.body);
  const trailers = kind.endsWith('-TRAILER') ? readTrailers(rest) : {};
  const promised = (headers['x-amz-trailer'] ?? '').toLowerCase();
  const names = Object.keys(trailers).filter((name) => name !== 'x-amz-trailer-signature');
  if (names.join(',') !== promised) throw new S3Error('InvalidRequest', `x-amz-trailer is ${promised}, sent ${names}`);
  if (kind.includes('AWS4-HMAC')) checkChunkSignatures(chunks, trailers, sent.signer);
  const bytes = Buffer.concat(chunks.map(({ data }) => data));
  if (headers['x-amz-decoded-content-length'] !== String(bytes.length)) throw new S3Error('IncompleteBody');
  return { bytes, checksum: verifyChecksums(bytes, { ...headers, ...trailers }) };
}

/** `<hex length>[;chunk-signature=…]\r\n<data>\r\n`, up to and with the empty chunk; the rest are trailers. */
function splitChunks(body: Buffer): { chunks: Chunk[]; rest: string } {
  const chunks: Chunk[] = [];
  for (let at = 0; at < body.length;) {
    const end = body.indexOf('\r\n', at);
    const head = /^([0-9a-fA-F]+)(?:;chunk-signature=([0-9a-f]{64}))?$/.exec(body.toString('latin1', at, end));
    if (end < 0 || head === null) throw new S3Error('IncompleteBody');
    const length = parseInt(head[1] ?? '', 16);
    const data = body.subarray(end + 2, end + 2 + length);
    chunks.push({ data, signature: head[2] });
    if (length === 0) return { chunks, rest: body.toString('latin1', end + 2) };
    at = end + 2 + length + 2;
    if (body.toString('latin1', at - 2, at) !== '\r\n') throw new S3Error('IncompleteBody');
  }
  throw new S3Error('IncompleteBody');
}

function readTrailers(text: string): Record<string, string> {
  const lines = text.split('\r\n').filter((line) => line !== '');
  return Object.fromEntries(
    lines.map((line) => {
      const at = line.indexOf(':');
      if (at < 1) throw new S3Error('MalformedTrailerError');
      return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()];
    }),
  );
}

/** Each signature is over the one before it, the first over the one of the request. */
function checkChunkSignatures(chunks: readonly Chunk[], trailers: Record<string, string>, signer?: Signer): void {
  if (signer === undefined) throw new S3Error('AccessDenied');
  let previous = signer.signature;
  const check = (signature: string | undefined, algorithm: string, digests: readonly string[]): void => {
    const expected = signer.signChunk(algorithm, [previous, ...digests].join('\n'));
    if (signature !== expected) throw new S3Error('SignatureDoesNotMatch');
    previous = expected;
  };
  for (const { data, signature } of chunks) {
    check(signature, 'AWS4-HMAC-SHA256-PAYLOAD', [sha256Hex(''), sha256Hex(data)]);
  }
  const { 'x-amz-trailer-signature': signature, ...others } = trailers;
  const [trailer] = Object.entries(others);
  if (trailer !== undefined) check(signature, 'AWS4-HMAC-SHA256-TRAILER', [sha256Hex(`${trailer.join(':')}\n`)]);
}
