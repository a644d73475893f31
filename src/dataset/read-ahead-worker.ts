import { createHash } from 'node:crypto';
import { type MessagePort, parentPort } from 'node:worker_threads';
import { decodeWhole } from '../records/decode-body.js';
import { readSmallFile } from '../storage/read-file.js';
import { type EmptyBatch, type ReadAheadBatch, type ReadAheadTask, type ReadyText } from './read-ahead-batch.js';

/** A batch of this many objects is given out, however little it holds: the first thread may be waiting. */
const MOST_OBJECTS = 256;
/** Each batch has twice as many as the one before, so that the first thread has work soon. */
const FIRST_OBJECTS = 16;

/** A text of this many bytes goes out in the memory that it was unpacked to: copies would be garbage that piles up. */
const OWN_BYTES = 64 * 1024;

/** Reads and unpacks the objects of a task, one after the other, whenever it has an empty batch to fill. */
class AheadReader {
  readonly #port: MessagePort;
  readonly #task: ReadAheadTask;
  readonly #paths: readonly string[];
  readonly #versions: readonly string[];
  #next = 0;
  #most = FIRST_OBJECTS;

  constructor(port: MessagePort, task: ReadAheadTask) {
    this.#port = port;
    this.#task = task;
    this.#paths = task.paths.split('\0');
    this.#versions = task.versions.split('\0');
  }

  /** A batch for a task of before is late. */
  take({ number, bytes }: EmptyBatch): void {
    if (number === this.#task.number && this.#next < this.#task.sizes.length) this.#fill(bytes);
  }

  #fill(bytes: ArrayBuffer): void {
    const { number, sizes } = this.#task;
    const texts: ReadyText[] = [];
    let end = 0;
    let ownBytes = 0;
    for (const last = Math.min(this.#next + this.#most, sizes.length); this.#next < last; this.#next++) {
      if (end + sizes[this.#next]! > bytes.byteLength || ownBytes > bytes.byteLength) break;
      const text = this.#unpack(this.#next, new Uint8Array(bytes, end));
      if (text === undefined) continue;
      texts.push(text);
      if (text.own === undefined) end = text.start + text.length;
      else ownBytes += text.own.byteLength;
    }
    this.#most = Math.min(MOST_OBJECTS, 2 * this.#most);
    const batch: ReadAheadBatch = { number, bytes, texts, upTo: this.#next };
    this.#port.postMessage(batch, [bytes, ...texts.flatMap(({ own }) => own ?? [])]);
  }

  /**
   * Whatever is not as it should be is left to the first thread, which finds it again and says so.
   * @param room has room for the packed bytes
   */
  #unpack(place: number, room: Uint8Array<ArrayBuffer>): ReadyText | undefined {
    const { sizes, limits, hashes } = this.#task;
    const file = { identity: this.#paths[place]!, version: this.#versions[place]!, size: sizes[place]! };
    try {
      const packed = readSmallFile(file, room);
      const text = decodeWhole(packed, limits);
      if (text === undefined) return undefined;
      const hash = hashes ? { sha256: createHash('sha256').update(packed).digest('hex') } : {};
      return { place, packedBytes: packed.length, ...hash, ...putInto(room, text) };
    } catch {
      return undefined;
    }
  }
}

/** Leaves a text where it is, or copies it to the beginning of the room, which holds nothing that is still needed. */
function putInto(room: Uint8Array<ArrayBuffer>, text: Uint8Array): Pick<ReadyText, 'own' | 'start' | 'length'> {
  const { buffer, byteOffset: start, length } = text;
  if (buffer === room.buffer) return { start, length };
  if (length >= OWN_BYTES || length > room.length) {
    // Small buffers of Node's share memory that must stay here.
    const isAlone = buffer instanceof ArrayBuffer && buffer.byteLength < 2 * length;
    return isAlone ? { own: buffer, start, length } : { own: text.slice().buffer as ArrayBuffer, start: 0, length };
  }
  room.set(text);
  return { start: room.byteOffset, length };
}

function listen(port: MessagePort): void {
  let reader: AheadReader | undefined;
  port.on('message', (message: ReadAheadTask | EmptyBatch) => {
    if ('bytes' in message) reader?.take(message);
    else reader = new AheadReader(port, message);
  });
}

if (parentPort !== null) listen(parentPort);
