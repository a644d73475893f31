import { isIP, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { buildConnector, Client } from 'undici';
// The whole package would take as long to load as a hundred requests.
import UndiciClient from 'undici/lib/dispatcher/client.js';
import type { Connecting, S3Agents } from './s3-agents.js';
import { S3Failure } from './s3-failure.js';

/**
 * Connections for plain GETs, one request on each at a time, kept for the next one. There are as many as were ever wanted at
 * once. undici's own pool lets requests wait without a limit, and keeps clients that have failed.
 */
export class PlainConnections {
  readonly #agents: S3Agents;
  /** By the server's origin. The one that was used last is used first. */
  readonly #idle = new Map<string, PlainConnection[]>();
  readonly #all = new Set<PlainConnection>();
  #isClosed = false;

  /** @param agents they make the connections: through proxies, and with the certificates to trust */
  constructor(agents: S3Agents) {
    this.#agents = agents;
  }

  /**
   * A connection to a server, which may still have to be made. It is to be given back, or dropped.
   * @throws S3Failure when all were closed
   */
  take({ origin }: URL): PlainConnection {
    if (this.#isClosed) throw new S3Failure('Cut');
    const kept = this.#idle.get(origin)?.pop();
    if (kept !== undefined) return kept;
    const connection = new PlainConnection(origin, this.#agents);
    this.#all.add(connection);
    return connection;
  }

  /** Keeps a connection whose request has come to its end. */
  giveBack(connection: PlainConnection): void {
    const idle = this.#idle.get(connection.origin);
    if (idle === undefined) this.#idle.set(connection.origin, [connection]);
    else idle.push(connection);
  }

  /** Ends a connection and the request on it. */
  drop(connection: PlainConnection): void {
    this.#all.delete(connection);
    connection.destroy();
  }

  /** Ends what is under way and lets go of all connections. */
  close(): void {
    this.#isClosed = true;
    this.#idle.clear();
    for (const connection of this.#all) this.drop(connection);
  }
}

/** One connection at a time: where the server has ended it, the next request makes another one. */
export class PlainConnection {
  readonly origin: string;
  readonly client: Client;
  readonly #agents: S3Agents;
  #socket: Duplex | undefined;

  constructor(origin: string, agents: S3Agents) {
    this.origin = origin;
    this.#agents = agents;
    this.client = new UndiciClient(origin, {
      // Each request watches how long it is silent.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: (peer, connected) => this.#connect(peer, connected),
    });
  }

  destroy(): void {
    void this.client.destroy();
    // One that is still being made is not the client's yet.
    this.#socket?.destroy();
  }

  /** Connects as the agent of the protocol does. */
  #connect({ protocol, hostname: host, port }: buildConnector.Options, connected: buildConnector.Callback): void {
    const isSecure = protocol === 'https:';
    const agent: Connecting = isSecure ? this.#agents.https : this.#agents.http;
    const options = {
      ...this.#agents.options,
      ...(isSecure ? { ALPNProtocols: ['http/1.1'] } : {}),
      host,
      port: port === '' ? (isSecure ? 443 : 80) : port,
      servername: isIP(host) === 0 ? host : '',
      noDelay: true,
    };
    let isSettled = false;
    const settle: buildConnector.Callback = (...outcome) => {
      if (isSettled) return;
      isSettled = true;
      connected(...outcome);
    };
    const fail = (error: Error): void => settle(error, null);
    const direct = agent.createConnection(options, (error, socket) => {
      // Of a direct connection its own events tell.
      if (direct !== undefined && direct !== null) return;
      if (error !== null) return fail(error);
      this.#keep(socket);
      settle(null, socket as Socket);
    }) as Socket | null | undefined;
    if (direct === undefined || direct === null) return;
    this.#keep(direct);
    direct.on('error', fail).once(isSecure ? 'secureConnect' : 'connect', () => settle(null, direct));
  }

  #keep(socket: Duplex): void {
    this.#socket = socket;
    if (this.client.destroyed) socket.destroy();
  }
}
