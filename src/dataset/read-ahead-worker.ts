import { createHash } from 'node:crypto';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { decodeWhole } from '../records/decode-body.js';
import { readSmallFile } from '../storage/read-file.js';
import {
  MOST_FILE_BYTES,
  type EmptyBatch,
  type ReadAheadBatch,
  type ReadAheadTask,
  type ReadyText,
} from './read-ahead-batch.js';

/** A batch of this many objects is given out, however little it holds: the first thread may be waiting. */
const MOST_OBJECTS = 256;
/** Each batch has twice as many as the one before, so that the first thread has work soon. */
const FIRST_OBJECTS = 16;

/** A text that waits for the next batch. */
interface UnpackedFile {
  readonly place: number;
  readonly packedBytes: number;
  readonly text: Uint8Array;
  readonly sha256?: string;
}

/** Reads and unpacks the objects of its task, one after the other, whenever it has an empty batch to fill. */
class AheadReader {
  readonly #port: MessagePort;
  readonly #task: ReadAheadTask;
  readonly #paths: readonly string[];
  readonly #versions: readonly string[];
  readonly #file = new Uint8Array(MOST_FILE_BYTES);
  #next = 0;
  #most = FIRST_OBJECTS;
  #waiting: UnpackedFile | undefined;

  constructor(port: MessagePort, task: ReadAheadTask) {
    this.#port = port;
    this.#task = task;
    this.#paths = task.paths.split('\0');
    this.#versions = task.versions.split('\0');
    port.on('message', ({ bytes }: EmptyBatch) => this.#fill(bytes));
  }

  #fill(given: ArrayBuffer): void {
    if (this.#next === this.#task.sizes.length) return;
    const { length } = this.#task.sizes;
    const texts: ReadyText[] = [];
    let bytes = given;
    let end = 0;
    for (const last = Math.min(this.#next + this.#most, length); this.#next < last; this.#next++) {
      const file = this.#waiting ?? this.#unpack(this.#next);
      this.#waiting = undefined;
      if (file === undefined) continue;
      const { text, ...about } = file;
      if (end + text.length > bytes.byteLength) {
        if (end > 0) {
          this.#waiting = file;
          break;
        }
        bytes = new ArrayBuffer(text.length);
      }
      new Uint8Array(bytes, end).set(text);
      texts.push({ ...about, start: end, end: end + text.length });
      end += text.length;
    }
    this.#most = Math.min(MOST_OBJECTS, 2 * this.#most);
    const batch: ReadAheadBatch = { bytes, texts, upTo: this.#next };
    this.#port.postMessage(batch, [bytes]);
    if (this.#next === length) this.#port.close();
  }

  /** Whatever is not as it should be is left to the first thread, which finds it again and says so. */
  #unpack(place: number): UnpackedFile | undefined {
    const { sizes, limits, hashes } = this.#task;
    const file = { identity: this.#paths[place]!, version: this.#versions[place]!, size: sizes[place]! };
    try {
      const packed = readSmallFile(file, this.#file);
      const text = decodeWhole(packed, limits);
      if (text === undefined) return undefined;
      const hash = hashes ? { sha256: createHash('sha256').update(packed).digest('hex') } : {};
      return { place, packedBytes: packed.length, text, ...hash };
    } catch {
      return undefined;
    }
  }
}

if (parentPort !== null) new AheadReader(parentPort, workerData as ReadAheadTask);
