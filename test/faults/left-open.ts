import { AsyncLocalStorage, createHook } from 'node:async_hooks';
import { setTimeout as wait } from 'node:timers/promises';

/** What keeps a process from ending, or would surprise somebody later. */
const WATCHED = ['Timeout', 'TCPWRAP', 'TLSWRAP', 'PROCESSWRAP'];

type Opened = Map<number, string>;

const opened = new AsyncLocalStorage<Opened>();
const owners = new Map<number, Opened>();

createHook({
  init(id, type) {
    if (!WATCHED.includes(type)) return;
    const owner = opened.getStore();
    if (owner === undefined) return;
    owner.set(id, type);
    owners.set(id, owner);
  },
  destroy(id) {
    owners.get(id)?.delete(id);
    owners.delete(id);
  },
}).enable();

/** Sockets close, and tell of it, a little after they were told to. */
const PATIENCE_MS = 2_000;

/** Does some work and says what of the timers and sockets that it opened is still open a moment after its end. */
export async function leftOpen<T>(work: () => Promise<T>): Promise<{ result: T; left: readonly string[] }> {
  const own: Opened = new Map();
  const result = await opened.run(own, work);
  for (let waited = 0; own.size > 0 && waited < PATIENCE_MS; waited += 10) await wait(10);
  return { result, left: [...own.values()] };
}
