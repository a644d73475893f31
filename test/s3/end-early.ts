import type { Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { TLSSocket } from 'node:tls';

/** How a connection ends before its answer does: with a reset, never, or closed in good order. */
export type EarlyEnd = 'reset' | 'stall' | 'cut';

/** A reset overtakes what was written just before it: the client is given time to read that. */
const READ_FIRST_MS = 25;

export async function endEarly(socket: Socket, how: EarlyEnd): Promise<void> {
  if (how === 'stall') return;
  if (how === 'cut') {
    socket.end();
    return;
  }
  if (socket.bytesWritten > 0) await wait(READ_FIRST_MS);
  if (socket instanceof TLSSocket) socket.destroy();
  else socket.resetAndDestroy();
}
