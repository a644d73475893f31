import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const KEEP_SERVER = fileURLToPath(new URL('keep-server.js', import.meta.url));

export const REAL_SERVERS = ['versitygw', 'ministack'] as const;
export type RealServerName = (typeof REAL_SERVERS)[number];

export interface RealServer {
  readonly name: RealServerName;
  /** `http://127.0.0.1:PORT`. */
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Stops it and removes what it holds. It stops by itself when this process ends, however that happens. */
  stop(): Promise<void>;
}

/**
 * Starts a server of another maker, empty, on a free loopback port, and waits until it answers. An Error says which
 * program is missing and how to get it, or what the server said when it did not start.
 */
export async function startRealServer(name: RealServerName): Promise<RealServer> {
  const keeper = spawn(process.execPath, [KEEP_SERVER, name], { stdio: ['pipe', 'pipe', 'pipe'] });
  const errors: Buffer[] = [];
  keeper.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
  const closed = once(keeper, 'close');
  const line = await Promise.race([once(createInterface(keeper.stdout), 'line'), closed.then(() => undefined)]);
  if (line === undefined) throw new Error(Buffer.concat(errors).toString('utf8').trim());
  const started = JSON.parse(String(line[0])) as Omit<RealServer, 'name' | 'stop'>;
  return { name, ...started, stop: () => stopKeeper(keeper, closed) };
}

async function stopKeeper(keeper: ChildProcess, closed: Promise<unknown>): Promise<void> {
  keeper.stdin?.end();
  await closed;
}
