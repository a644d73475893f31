import type { ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { endEarly } from './end-early.js';
import type { Delivery } from './spoil-answer.js';

/** Slices per second of a slow body. */
const SLICES = 20;

/** Sends the answer, spoiled as it may be. Comes back when the last byte that will be sent is on its way. */
export async function deliver(response: ServerResponse, { answer, length, stop, pace = {} }: Delivery): Promise<void> {
  if (pace.delayMs !== undefined) await wait(pace.delayMs);
  const { socket } = response;
  if (socket === null || socket.destroyed) return;
  if (stop?.at === 'head') return endEarly(socket, stop.how);
  const hasBody = answer.status !== 204 && answer.status !== 304;
  const contentLength = hasBody ? { 'content-length': length ?? answer.body.length } : {};
  response.writeHead(answer.status, { ...answer.headers, ...contentLength });
  if (stop === undefined && pace.bytesPerSecond === undefined) {
    response.end(answer.body);
    return;
  }
  response.flushHeaders();
  await writeBody(response, answer.body.subarray(0, stop?.at), pace.bytesPerSecond);
  if (stop === undefined) {
    response.end();
    return;
  }
  await endEarly(socket, stop.how);
}

async function writeBody(response: ServerResponse, body: Buffer, rate: number | undefined): Promise<void> {
  const slice = rate === undefined ? body.length : Math.max(1, Math.round(rate / SLICES));
  for (let at = 0; at < body.length && !response.destroyed; at += slice) {
    await new Promise((resolve) => response.write(body.subarray(at, at + slice), resolve));
    if (rate !== undefined) await wait(1000 / SLICES);
  }
}
