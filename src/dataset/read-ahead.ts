import { Worker } from 'node:worker_threads';
import { packageFile } from '../package-file.js';
import { DEFAULT_UNPACK_LIMITS, type UnpackLimits } from '../records/decode-body.js';
import type { StoredObject } from '../storage/object-store.js';
import type { PlannedObject } from './plan-scan.js';
import { BATCH_BYTES, type EmptyBatch, type ReadAheadBatch, type ReadAheadTask } from './read-ahead-batch.js';

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
const WORKER_OPTIONS = { env: {}, execArgv: [], resourceLimits: { maxYoungGenerationSizeMb: 4 } };
/** A thread that is not kept leaves memory behind. There is one, for one reading at a time. */
const THREAD: { worker: Worker | undefined; isTaken: boolean; tasks: number } = {
  worker: undefined,
  isTaken: false,
  tasks: 0,
};

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
  readonly #number: number;
  #next = 0;
  #batch: ReadAheadBatch | undefined;
  /** How many texts of the batch are behind us. */
  #taken = 0;
  #filled: ReadAheadBatch[] = [];
  #hasEnded = false;
  #isClosed = false;
  #wake: (() => void) | undefined;

  /** @param planned all objects that will be read, in order; those that are no small local files are passed over */
  constructor(planned: readonly PlannedObject[], { limits = DEFAULT_UNPACK_LIMITS, hashes }: ReadAheadOptions) {
    this.#objects = planned.filter(isSmallFile).map(({ object }) => object);
    this.#number = ++THREAD.tasks;
    const cost = this.#objects.reduce((sum, { size }) => sum + size + OBJECT_COST_BYTES, 0);
    const worker = cost < LEAST_BYTES || THREAD.isTaken ? undefined : openThread();
    this.#worker = worker;
    if (worker !== undefined) this.#start(worker, { limits, hashes });
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

  /** Gives the thread up; to be called whatever happened. */
  close(): void {
    if (this.#worker === undefined || this.#isClosed) return;
    this.#isClosed = true;
    this.#end();
    this.#worker.off('message', this.#add).off('exit', this.#end);
    // It waits for its next task, and ends with the process.
    this.#worker.unref();
    THREAD.isTaken = false;
  }

  #start(worker: Worker, options: Pick<ReadAheadTask, 'limits' | 'hashes'>): void {
    THREAD.isTaken = true;
    worker.ref();
    worker.on('message', this.#add).on('exit', this.#end);
    const task: ReadAheadTask = {
      ...options,
      number: this.#number,
      paths: this.#objects.map(({ identity }) => identity).join('\0'),
      versions: this.#objects.map(({ version }) => version).join('\0'),
      sizes: Float64Array.from(this.#objects, ({ size }) => size),
    };
    worker.postMessage(task);
    for (let batch = 0; batch < BATCHES; batch++) giveBack(worker, { number: this.#number, bytes: newBytes() });
  }

  readonly #add = (batch: ReadAheadBatch): void => {
    // What an earlier task left over.
    if (batch.number !== this.#number) return;
    this.#filled.push(batch);
    this.#wake?.();
  };

  readonly #end = (): void => {
    this.#hasEnded = true;
    this.#wake?.();
  };

  /** @returns false when there is none any more */
  async #nextBatch(): Promise<boolean> {
    if (this.#batch !== undefined && this.#worker !== undefined) giveBack(this.#worker, this.#batch);
    this.#batch = undefined;
    this.#taken = 0;
    while (this.#filled.length === 0) {
      if (this.#hasEnded) return false;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    this.#batch = this.#filled.shift();
    return true;
  }
}

/** A thread that cannot start, or runs out of memory, leaves the rest to the first one. */
function openThread(): Worker | undefined {
  try {
    THREAD.worker ??= new Worker(packageFile('dist/dataset/read-ahead-worker.js'), WORKER_OPTIONS)
      .on('error', () => undefined)
      .on('exit', () => (THREAD.worker = undefined));
  } catch {
    return undefined;
  }
  return THREAD.worker;
}

function newBytes(): ArrayBuffer {
  return new ArrayBuffer(BATCH_BYTES);
}

function giveBack(worker: Worker, { number, bytes }: EmptyBatch): void {
  const empty: EmptyBatch = { number, bytes };
  worker.postMessage(empty, [bytes]);
}

function isSmallFile({ store, object, standsFor }: PlannedObject): boolean {
  return standsFor === undefined && store.localPath !== undefined && object.size > 0 && object.size <= BATCH_BYTES;
}
