import { Worker } from 'node:worker_threads';
import { packageFile } from '../package-file.js';
import { DEFAULT_UNPACK_LIMITS, type UnpackLimits } from '../records/decode-body.js';
import type { StoredObject } from '../storage/object-store.js';
import type { PlannedObject } from './plan-scan.js';
import {
  BATCH_BYTES,
  MOST_FILE_BYTES,
  type EmptyBatch,
  type ReadAheadBatch,
  type ReadAheadTask,
} from './read-ahead-batch.js';

/** The text of an object that was read and unpacked before its turn. */
export interface ReadyBody {
  /** Bytes as stored. */
  readonly packedBytes: number;
  /** Holds only until another object is taken. */
  readonly text: Uint8Array;
  /** Of the bytes as stored, in hexadecimal, where it was asked for. */
  readonly sha256: string | undefined;
}

export interface ReadAheadOptions {
  readonly limits?: UnpackLimits | undefined;
  /** Whether the bytes as stored are to be hashed. */
  readonly hashes: boolean;
}

/** As many batches are filled, or waiting, or being read at once. */
const BATCHES = 6;
/** What the thread makes is large and goes out at once: a nursery of the usual size would only fill. */
const LIMITS = { maxYoungGenerationSizeMb: 4 };
/** Less than this is read before a second thread has started. Opening a file counts as reading 16 kB. */
const LEAST_BYTES = 16 * 1024 ** 2;
const OBJECT_COST_BYTES = 16 * 1024;

/**
 * Reads and unpacks small local files in a second thread, in the order in which they will be taken, while the first one looks
 * through those before them. What it cannot give, for whatever reason, is simply not given: damaged and unusual objects are for
 * the careful reader, who alone says what they are.
 */
export class ReadAhead {
  readonly #objects: readonly StoredObject[];
  readonly #worker: Worker | undefined;
  #next = 0;
  #batch: ReadAheadBatch | undefined;
  /** How many texts of the batch are behind us. */
  #taken = 0;
  #filled: ReadAheadBatch[] = [];
  #hasEnded = false;
  #wake: (() => void) | undefined;

  /** @param planned all objects that will be read, in order; those that are no small local files are passed over */
  constructor(planned: readonly PlannedObject[], { limits = DEFAULT_UNPACK_LIMITS, hashes }: ReadAheadOptions) {
    const objects = planned.filter(isSmallFile).map(({ object }) => object);
    const cost = objects.reduce((sum, { size }) => sum + size + OBJECT_COST_BYTES, 0);
    this.#objects = cost < LEAST_BYTES ? [] : objects;
    this.#worker = this.#objects.length === 0 ? undefined : this.#start({ limits, hashes });
  }

  /**
   * Gives what was read of the object; to be called for every object that is read, in order.
   * @returns undefined where it is to be read by the caller
   */
  async take(object: StoredObject): Promise<ReadyBody | undefined> {
    if (this.#worker === undefined || this.#objects[this.#next] !== object) return undefined;
    const place = this.#next++;
    while (this.#batch === undefined || this.#batch.upTo <= place) {
      if (!(await this.#nextBatch())) return undefined;
    }
    const { bytes, texts } = this.#batch;
    const found = texts[this.#taken];
    if (found?.place !== place) return undefined;
    this.#taken++;
    const { packedBytes, own = bytes, start, length, sha256 } = found;
    return { packedBytes, text: new Uint8Array(own, start, length), sha256 };
  }

  /** Ends the thread; to be called whatever happened. */
  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  #start(options: Pick<ReadAheadTask, 'limits' | 'hashes'>): Worker {
    const task: ReadAheadTask = {
      ...options,
      paths: this.#objects.map(({ identity }) => identity).join('\0'),
      versions: this.#objects.map(({ version }) => version).join('\0'),
      sizes: Float64Array.from(this.#objects, ({ size }) => size),
    };
    const program = packageFile('dist/dataset/read-ahead-worker.js');
    const worker = new Worker(program, { workerData: task, env: {}, execArgv: [], resourceLimits: LIMITS });
    worker.on('message', (batch: ReadAheadBatch) => {
      this.#filled.push(batch);
      this.#wake?.();
    });
    // A thread that cannot start, or runs out of memory, leaves the rest to the first one.
    for (const event of ['error', 'exit']) worker.on(event, () => this.#end());
    for (let batch = 0; batch < BATCHES; batch++) worker.postMessage({ bytes: new ArrayBuffer(BATCH_BYTES) });
    return worker;
  }

  #end(): void {
    this.#hasEnded = true;
    this.#wake?.();
  }

  /** @returns false when there is none any more */
  async #nextBatch(): Promise<boolean> {
    if (this.#batch !== undefined) this.#giveBack(this.#batch);
    this.#batch = undefined;
    this.#taken = 0;
    while (this.#filled.length === 0) {
      if (this.#hasEnded) return false;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    this.#batch = this.#filled.shift();
    return true;
  }

  #giveBack({ bytes }: ReadAheadBatch): void {
    const empty: EmptyBatch = { bytes };
    this.#worker?.postMessage(empty, [bytes]);
  }
}

function isSmallFile({ store, object, standsFor }: PlannedObject): boolean {
  return standsFor === undefined && store.localPath !== undefined && object.size > 0 && object.size <= MOST_FILE_BYTES;
}
