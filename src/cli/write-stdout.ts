import type { Writable } from 'node:stream';

import { UserError } from '../errors.js';

/** What a write ends with when the reader has gone: `| head`. A socket that stands for a pipe may say ECONNRESET. */
const CLOSED_CODES = new Set(['EPIPE', 'ECONNRESET', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_WRITE_AFTER_END']);

/**
 * Writes chunks to a stream one after the other; the next chunk is asked for when the last one has been taken. Gives
 * `written` when all of it has been handed to the system, or `closed` as soon as the reader has gone; the chunks' iterator is
 * then returned, so that whatever makes them stops.
 * @throws UserError when the stream cannot be written for another reason (a full disk behind `>`).
 */
export async function writeStdout(chunks: AsyncIterable<string>, stream: Writable): Promise<'written' | 'closed'> {
  keepErrorsFromCrashing(stream);
  for await (const chunk of chunks) {
    if (chunk === '') continue;
    begun.add(stream);
    if ((await writeChunk(stream, chunk)) === 'closed') return 'closed';
  }
  return 'written';
}

/** Streams that some text of a result was written to. */
const begun = new WeakSet<Writable>();

/** Whether a result was begun on the stream: nothing else may follow it there. */
export function hasBegun(stream: Writable): boolean {
  return begun.has(stream);
}

/** A failed write also emits `error`, a tick later than its callback, so this listener has to stay. */
function keepErrorsFromCrashing(stream: Writable): void {
  stream.on('error', () => undefined);
}

async function writeChunk(stream: Writable, chunk: string): Promise<'written' | 'closed'> {
  const error = await tryToWrite(stream, chunk);
  if (!error) return 'written';
  if ('code' in error && CLOSED_CODES.has(String(error.code))) return 'closed';
  throw new UserError(`Cannot write the result: ${error.message}`, {
    wayOut: 'Look at where the output goes: is there space left, and may you write there?',
    cause: error,
  });
}

/** Where stdout is a file, a failed write throws at once. */
async function tryToWrite(stream: Writable, chunk: string): Promise<Error | null | undefined> {
  try {
    return await new Promise((resolve) => stream.write(chunk, resolve));
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
}
