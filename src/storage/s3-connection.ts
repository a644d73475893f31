import { setMaxListeners } from 'node:events';
import type { S3Client } from '@aws-sdk/client-s3';
import { limitsOf, type S3Access, type S3Limits } from './s3-access.js';
import { openAgents, type S3Agents } from './s3-agents.js';
import { type BucketEndpoint, findEndpoint, makeClient } from './s3-client.js';
import { S3Failure, toFailure } from './s3-failure.js';
import { PlainConnections } from './s3-plain-connections.js';
import { RequestLimiter } from './s3-limiter.js';
import { retry } from './s3-retry.js';
import { RequestSigner } from './s3-signer.js';

/** How many requests may be under way before the server has shown what it takes. */
const FIRST_LIMIT = 32;
/** As long as nothing was ever heard of the server, its address may be wrong: the user is told soon. */
const ATTEMPTS_TO_REACH = 3;

/** The operations that are made, by their names in S3. */
export type S3Operation =
  | 'ListObjectsV2'
  | 'HeadObject'
  | 'GetObject'
  | 'PutObject'
  | 'CreateMultipartUpload'
  | 'UploadPart'
  | 'CompleteMultipartUpload'
  | 'AbortMultipartUpload'
  | 'DeleteObject'
  | 'DeleteObjects'
  | 'GetObjectTagging'
  | 'PutObjectTagging'
  | 'DeleteObjectTagging';

/** A request through the SDK. */
export type MakeRequest<T> = (client: S3Client, signal: AbortSignal) => Promise<T>;

/** A bucket with what requests to it need. All requests pass through here: they are limited, repeated and counted. */
export class S3Connection {
  readonly bucket: string;
  readonly access: S3Access;
  readonly limits: S3Limits;
  readonly agents: S3Agents;
  /** For GETs that are not the SDK's. */
  readonly plainConnections: PlainConnections;
  readonly limiter: RequestLimiter;
  readonly #closing = new AbortController();
  readonly #counts: Partial<Record<S3Operation, number>> = {};
  #client: S3Client;
  #endpoint: BucketEndpoint;
  #signer: RequestSigner;
  #wasReached = false;
  /** The change to the region that a server has named; there is one at the most. */
  #moving: Promise<void> | undefined;
  /** How often other credentials were asked for, and whether any request went well since. */
  #renewals = 0;
  #renewalHelped = true;

  private constructor(bucket: string, made: MadeConnection) {
    this.bucket = bucket;
    this.access = made.access;
    this.limits = made.limits;
    this.agents = made.agents;
    this.plainConnections = new PlainConnections(made.agents);
    this.limiter = new RequestLimiter({ start: FIRST_LIMIT, max: made.limits.maxConcurrency });
    this.#client = made.client;
    this.#endpoint = made.endpoint;
    this.#signer = this.#makeSigner();
    // Every request under way listens to it.
    setMaxListeners(0, this.#closing.signal);
  }

  /**
   * Prepares requests to a bucket; none is made yet.
   * @throws UserError for certificates that cannot be read, S3Failure for a bucket that cannot have an address
   */
  static async open(bucket: string, access: S3Access): Promise<S3Connection> {
    const limits = limitsOf(access);
    const agents = openAgents(access, limits);
    try {
      const client = await makeClient({ bucket, access, limits, agents });
      const endpoint = await findEndpoint(client, bucket);
      return new S3Connection(bucket, { access, limits, agents, client, endpoint });
    } catch (error) {
      throw toFailure(error) ?? error;
    }
  }

  get endpoint(): BucketEndpoint {
    return this.#endpoint;
  }

  get signer(): RequestSigner {
    return this.#signer;
  }

  get signal(): AbortSignal {
    return this.#closing.signal;
  }

  /** What errors tell of it. */
  get shown(): { bucket: string; access: S3Access; host: string } {
    const { bucket, access } = this;
    return { bucket, access, host: this.#endpoint.url.host };
  }

  /** Requests made so far, repetitions included: each may cost. */
  get requests(): Readonly<Record<string, number>> {
    return { ...this.#counts };
  }

  /**
   * Makes a request through the SDK.
   * @param attempts where fewer than usual are worth it
   * @throws S3Failure when it failed for good
   */
  send<T>(operation: S3Operation, make: MakeRequest<T>, attempts?: number): Promise<T> {
    return this.run(operation, () => make(this.#client, this.signal), attempts);
  }

  /**
   * Has an address of the bucket signed; no request is made to it.
   * @throws S3Failure without credentials
   */
  async presign(sign: (client: S3Client) => Promise<string>): Promise<string> {
    try {
      return await sign(this.#client);
    } catch (error) {
      throw toFailure(error) ?? error;
    }
  }

  /**
   * Makes a request, any number of times until it succeeds or fails for good; `once` rejects with what `toFailure` reads.
   * @throws S3Failure when it failed for good
   */
  async run<T>(operation: S3Operation, once: () => Promise<T>, attempts = this.limits.maxAttempts): Promise<T> {
    let before = { renewals: this.#renewals, endpoint: this.#endpoint };
    let inDoubt = false;
    const attempt = async (): Promise<T> => {
      before = { renewals: this.#renewals, endpoint: this.#endpoint };
      try {
        return await this.#once(operation, once);
      } catch (error) {
        if (!(error instanceof S3Failure)) throw error;
        inDoubt ||= error.leavesDoubt;
        error.inDoubt = inDoubt;
        throw error;
      }
    };
    const { limits, signal } = this;
    return retry(attempt, {
      attempts: Math.min(attempts, limits.maxAttempts),
      delayMs: limits.retryDelayMs,
      random: limits.random,
      signal,
      mayRetry: (failure, attempts) => this.#mayRetry(failure, attempts),
      heal: (failure) => this.#heal(failure, before),
    });
  }

  /** Ends what is under way and lets go of the connections. */
  close(): void {
    this.#closing.abort();
    this.#client.destroy();
    this.plainConnections.close();
    this.agents.http.destroy();
    this.agents.https.destroy();
  }

  async #once<T>(operation: S3Operation, once: () => Promise<T>): Promise<T> {
    const lease = await this.limiter.acquire();
    let outcome: 'done' | 'slow' | 'neither' = 'neither';
    try {
      this.signal.throwIfAborted();
      this.#counts[operation] = (this.#counts[operation] ?? 0) + 1;
      const result = await once();
      outcome = 'done';
      this.#wasReached = true;
      this.#renewalHelped = true;
      return result;
    } catch (error) {
      const failure = toFailure(error);
      if (failure?.isThrottling === true) outcome = 'slow';
      if (failure === undefined) throw error;
      if (failure.status !== undefined) this.#wasReached = true;
      failure.operation = operation;
      throw failure;
    } finally {
      lease.end(outcome);
    }
  }

  #mayRetry(failure: S3Failure, attempt: number): boolean {
    return failure.isPassing && (this.#wasReached || attempt < ATTEMPTS_TO_REACH || !failure.isUnreachable);
  }

  /** @param before how things stood when the request was made: another one may have mended them since */
  async #heal(failure: S3Failure, before: { renewals: number; endpoint: BucketEndpoint }): Promise<boolean> {
    if (failure.code === 'RequestTimeTooSkewed') return this.#signer.adoptTime(failure.details.serverTime);
    if (failure.isExpiry) return this.#renewCredentials(before.renewals);
    return this.#findRegion(failure, before.endpoint);
  }

  /** Other requests may have asked for credentials since this one was signed. */
  async #renewCredentials(renewals: number): Promise<boolean> {
    if (renewals < this.#renewals) return true;
    if (!this.#renewalHelped || this.access.noSignRequest === true) return false;
    this.#renewals++;
    this.#renewalHelped = false;
    try {
      await this.#client.config.credentials({ forceRefresh: true });
      return true;
    } catch (error) {
      throw toFailure(error) ?? error;
    }
  }

  /** A bucket is known by the servers of all regions, which name the right one. */
  async #findRegion({ details: { region } }: S3Failure, asked: BucketEndpoint): Promise<boolean> {
    if (region === undefined || region === asked.signingRegion) return false;
    this.#moving ??= this.#move(region);
    await this.#moving;
    return asked !== this.#endpoint;
  }

  async #move(region: string): Promise<void> {
    const { bucket, access, limits, agents } = this;
    this.#client = await makeClient({ bucket, access, limits, agents, region });
    this.#endpoint = await findEndpoint(this.#client, this.bucket);
    this.#signer = this.#makeSigner();
  }

  #makeSigner(): RequestSigner {
    const { noSignRequest, now } = this.access;
    const credentials = noSignRequest === true ? undefined : this.#client.config.credentials;
    return new RequestSigner(this.#endpoint, credentials, now);
  }
}

interface MadeConnection {
  readonly access: S3Access;
  readonly limits: S3Limits;
  readonly agents: S3Agents;
  readonly client: S3Client;
  readonly endpoint: BucketEndpoint;
}
