import { type RequestListener, type Server, createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Access } from './authorize.js';
import { type BucketOptions, Buckets } from './buckets.js';
import { type CertificateOptions, makeCertificate } from './certificate.js';
import { FaultPlan } from './faults.js';
import { closeServer, listen } from './listen.js';
import { liveKeys } from './listing.js';
import { type PutOptions, putDirectly } from './put-directly.js';
import { type RecordedRequest, RecordedRequests } from './recorded-requests.js';
import { serveRequest } from './serve-request.js';
import type { AccessKey } from './signatures.js';

export interface TestS3Options {
  /** The key that may do everything; its token, where it has one, must come with every request. */
  readonly credentials?: AccessKey;
  /** Of every bucket that names no other; `us-east-1` unless given. */
  readonly region?: string;
  readonly wrongRegion?: Access['wrongRegion'];
  /** HTTPS with a certificate of its own, good for localhost, 127.0.0.1 and a day unless it says otherwise. */
  readonly tls?: Partial<CertificateOptions>;
  /** The clock of the server: signatures are held against it, and it is in every Date header. */
  readonly now?: () => Date;
}

/** A small strict S3 in this process. It holds everything in memory, checks signatures and does what its faults say. */
export interface TestS3 {
  /** `http://127.0.0.1:<port>`: buckets are in the path, or in the host as `bucket.localhost`. */
  readonly endpoint: string;
  readonly credentials: AccessKey;
  /** PEM of what a client must trust; undefined without TLS. */
  readonly certificate: string | undefined;
  /** All requests so far, in the order of their arrival. */
  readonly requests: readonly RecordedRequest[];
  /** What goes wrong from now on. */
  readonly faults: FaultPlan;
  /** The most requests that waited for their answers at one moment. */
  readonly mostInFlight: number;
  createBucket(name: string, options?: BucketOptions): void;
  /** Stores an object without a request, in a bucket that is made when it is missing. */
  put(bucket: string, key: string, body: string | Uint8Array, options?: PutOptions): void;
  /** The bytes of an object; undefined when there is none. */
  get(bucket: string, key: string): Buffer | undefined;
  /** Deletes an object without a request. */
  remove(bucket: string, key: string): void;
  /** The keys of a bucket in the order of their bytes. */
  keys(bucket: string): readonly string[];
  /** From now on the token of the credentials has expired. @throws Error when they have none. */
  expireToken(): void;
  /** Ends all connections. @throws Error when the server itself failed at a request. */
  close(): Promise<void>;
}

/** Starts a server on a free port of this machine. Close it, or the process does not end. */
export async function startTestS3(options: TestS3Options = {}): Promise<TestS3> {
  const { credentials = DEFAULT_KEY, region = 'us-east-1', wrongRegion = 'PermanentRedirect' } = options;
  const now = options.now ?? (() => new Date());
  const ring = { keys: [credentials], expiredTokens: new Set<string>(), now };
  const access: Access = { buckets: new Buckets(now, region), ring, wrongRegion };
  const [faults, recorded] = [new FaultPlan(), new RecordedRequests()];
  const bugs: unknown[] = [];
  const tls = options.tls && certify(options.tls);
  const server = makeServer(tls, (message, response) => {
    serveRequest({ message, response }, { access, faults, recorded }).catch((bug: unknown) => {
      bugs.push(bug);
      response.destroy();
    });
  });
  const port = await listen(server);
  return {
    endpoint: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    credentials,
    certificate: tls?.certificate,
    requests: recorded.list,
    faults,
    get mostInFlight() {
      return recorded.mostInFlight;
    },
    ...accessDirectly(access.buckets),
    expireToken: () => void ring.expiredTokens.add(tokenOf(credentials)),
    close: () => close(server, bugs),
  };
}

/** Not a secret of anything: the servers that it opens live as long as a test. */
const DEFAULT_KEY: AccessKey = {
  accessKeyId: 'AKIATESTTESTTEST0000',
  secretAccessKey: 'secret/of+the/in-process/test+server',
};

function tokenOf({ sessionToken }: AccessKey): string {
  if (sessionToken === undefined) throw new Error('expireToken: the credentials of this server have no token');
  return sessionToken;
}

const DAY_MS = 86_400_000;

function certify(wish: Partial<CertificateOptions>): ReturnType<typeof makeCertificate> {
  const names = ['localhost', '127.0.0.1'];
  return makeCertificate({
    names,
    notBefore: new Date(Date.now() - DAY_MS),
    notAfter: new Date(Date.now() + DAY_MS),
    ...wish,
  });
}

function makeServer(tls: ReturnType<typeof makeCertificate> | undefined, listener: RequestListener): Server {
  const server =
    tls === undefined ? createServer(listener) : createTlsServer({ key: tls.key, cert: tls.certificate }, listener);
  // Connections are kept until the end: one that the server closes while a client takes it up again would look like a fault.
  server.keepAliveTimeout = 0;
  return server;
}

function accessDirectly(buckets: Buckets): Pick<TestS3, 'createBucket' | 'put' | 'get' | 'remove' | 'keys'> {
  return {
    createBucket: (name, options) => void buckets.create(name, options),
    put: (name, key, body, options) => {
      const bucket = buckets.find(name) ?? buckets.create(name);
      putDirectly({ buckets, bucket }, { key, body: Buffer.from(body) }, options);
    },
    get: (name, key) => buckets.get(name).objects.current(key)?.body,
    remove: (name, key) => void buckets.erase(buckets.get(name), key),
    keys: (name) => liveKeys(buckets.get(name)),
  };
}

async function close(server: Server, bugs: readonly unknown[]): Promise<void> {
  await closeServer(server);
  if (bugs.length > 0) throw new AggregateError(bugs, 'The test server failed');
}
