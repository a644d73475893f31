import { isIP, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import type { buildConnector, Pool } from 'undici';
import type { S3Limits } from './s3-access.js';
import type { Connecting, S3Agents } from './s3-agents.js';
import { S3Failure } from './s3-failure.js';
// The whole package would take as long to load as a hundred requests.
import UndiciPool from 'undici/lib/dispatcher/pool.js';

export interface PoolOptions {
  /** They make the connections: through proxies, and with the certificates to trust. */
  readonly agents: S3Agents;
  readonly limits: Pick<S3Limits, 'connectTimeoutMs' | 'maxConcurrency'>;
}

/** Connections for plain GETs, kept for the next one. */
export class GetPools {
  readonly #options: PoolOptions;
  readonly #pools = new Map<string, Pool>();

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** The connections to a server; none is made yet. */
  poolOf({ origin }: URL): Pool {
    let pool = this.#pools.get(origin);
    if (pool === undefined) {
      pool = new UndiciPool(origin, {
        connections: this.#options.limits.maxConcurrency,
        // Each request watches how long it is silent.
        headersTimeout: 0,
        bodyTimeout: 0,
        connect: (peer, connected) => connect(peer, this.#options, connected),
      });
      this.#pools.set(origin, pool);
    }
    return pool;
  }

  /** Ends what is under way and lets go of the connections. */
  close(): void {
    for (const pool of this.#pools.values()) void pool.destroy();
    this.#pools.clear();
  }
}

/** Makes a connection as the agent of its protocol does, in time. */
function connect(
  { protocol, hostname, port }: buildConnector.Options,
  { agents, limits }: PoolOptions,
  connected: buildConnector.Callback,
): void {
  const isSecure = protocol === 'https:';
  const agent: Connecting = isSecure ? agents.https : agents.http;
  const host = hostname.replace(/^\[|\]$/g, '');
  let made: Duplex | undefined;
  let isSettled = false;
  const settle: buildConnector.Callback = (...outcome) => {
    if (isSettled) return;
    isSettled = true;
    clearTimeout(timer);
    connected(...outcome);
  };
  const fail = (error: Error): void => settle(error, null);
  /** Tells of a connection through a proxy; of a direct one its own events tell. */
  const take: Parameters<Connecting['createConnection']>[1] = (error, socket) => {
    if (error instanceof Error) fail(error);
    else if (isSettled) socket.destroy();
    else if (socket instanceof Duplex) settle(null, socket as Socket);
  };
  const timer = setTimeout(() => {
    fail(new S3Failure('NoConnection'));
    made?.destroy();
  }, limits.connectTimeoutMs).unref();
  const options = {
    ...agents.options,
    host,
    port: port === '' ? (isSecure ? 443 : 80) : port,
    servername: isIP(host) === 0 ? host : '',
    noDelay: true,
  };
  try {
    made = agent.createConnection(options, take) ?? undefined;
  } catch (error) {
    return fail(error as Error);
  }
  const direct = made as Socket | undefined;
  direct?.on('error', fail).once(isSecure ? 'secureConnect' : 'connect', () => settle(null, direct));
}
