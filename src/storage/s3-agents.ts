import { readFileSync } from 'node:fs';
import { Agent as HttpAgent, type AgentOptions, type ClientRequestArgs } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Duplex } from 'node:stream';
import { HttpProxyAgent, HttpsProxyAgent } from 'hpagent';
import { getProxyForUrl } from 'proxy-from-env';
import { UserError } from '../errors.js';
import { codeOf, reasonOf } from './file-errors.js';
import type { S3Access, S3Limits } from './s3-access.js';
import { S3Failure } from './s3-failure.js';

/** Connections that are kept for the next request, for both protocols. */
export interface S3Agents {
  readonly http: HttpAgent;
  readonly https: HttpsAgent;
  /** What their connections are made with. */
  readonly options: AgentOptions & { readonly ca?: Buffer };
}

/** Listings run beside the requests that the limit is about. */
const SPARE_SOCKETS = 32;

/**
 * Makes the connections of a store: through the proxy of `HTTPS_PROXY` or `HTTP_PROXY` for hosts that `NO_PROXY` does not
 * name, trusting the certificates of `AWS_CA_BUNDLE` where that is set.
 * @throws UserError when that file cannot be read
 */
export function openAgents({ env }: S3Access, limits: S3Limits): S3Agents {
  const options = {
    keepAlive: true,
    maxSockets: limits.maxConcurrency + SPARE_SOCKETS,
    // For a proxy's own answer, and for how long an idle connection is kept: silence of a server is watched by each request.
    timeout: limits.connectTimeoutMs,
    scheduling: 'lifo',
  } as const;
  const bundle = env?.['AWS_CA_BUNDLE'] ?? '';
  const secureOptions = bundle === '' ? options : { ...options, ca: readBundle(bundle) };
  return { http: new MaybeProxiedHttp(options), https: new MaybeProxiedHttps(secureOptions), options: secureOptions };
}

function readBundle(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new UserError(`Cannot read the certificates of AWS_CA_BUNDLE, ${path}: ${reasonOf(error)}`, {
      wayOut: 'Set AWS_CA_BUNDLE to a file of certificates (PEM), or unset it.',
      cause: error,
    });
  }
}

type Connect = (
  options: ClientRequestArgs,
  callback: (error: Error | null, socket: Duplex) => void,
) => Duplex | null | undefined;

/** An agent that makes connections. */
export interface Connecting {
  /** Gives a connection that is being made, or nothing where `callback` will tell of it. */
  createConnection: Connect;
}

/** What the classes have and their declarations do not tell. */
interface Proxied extends Connecting {
  proxy: URL | undefined;
}

/** The proxy is asked for with each new connection: only then the host is known, which holds the bucket's name. */
class MaybeProxiedHttp extends HttpProxyAgent {
  constructor(options: AgentOptions) {
    super({ ...options, proxy: NO_PROXY });
    connectThroughProxy(this, 'http', HttpAgent.prototype);
  }
}

class MaybeProxiedHttps extends HttpsProxyAgent {
  constructor(options: AgentOptions) {
    super({ ...options, proxy: NO_PROXY });
    connectThroughProxy(this, 'https', HttpsAgent.prototype);
  }
}

const NO_PROXY = 'http://proxy.invalid';

function connectThroughProxy(agent: object, protocol: 'http' | 'https', direct: object): void {
  const connecting = agent as Proxied;
  const proxied = connecting.createConnection;
  const straight = (direct as Connecting).createConnection;
  connecting.createConnection = (options, callback) => {
    const { host, port } = options;
    const proxy = getProxyForUrl(`${protocol}://${isIpv6(host) ? `[${host}]` : (host ?? '')}:${port ?? ''}`);
    if (proxy === '') return straight.call(agent, options, callback);
    const url = new URL(proxy);
    connecting.proxy = url;
    return proxied.call(agent, options, (error, socket) =>
      callback(error === null ? null : proxyFailure(url, error), socket),
    );
  };
}

/** Its address may hold a password: the host says enough. */
function proxyFailure({ host }: URL, error: Error): S3Failure {
  const code = codeOf(error);
  return new S3Failure('NoProxy', {
    text: `${host}: ${code === 'unknown error' ? error.message : code}`,
    cause: error,
  });
}

function isIpv6(host: string | null | undefined): host is string {
  return typeof host === 'string' && host.includes(':');
}
