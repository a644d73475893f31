import { setImmediate } from 'node:timers/promises';

export interface ScanProgress {
  readonly objectsDone: number;
  readonly objectsTotal: number;
  readonly bytesDone: number;
  readonly bytesTotal: number;
}

/** The event loop turns after this many bytes, so that loads, progress and Ctrl-C get their turn. */
const TURN_BYTES = 2 * 1024 * 1024;
/** Opening an object costs about as much as reading this many bytes. */
const OBJECT_COST_BYTES = 16 * 1024;

/** Tells how far a run has come, and lets everything else have its turn. */
export class ReadingPace {
  readonly #objectsTotal: number;
  readonly #bytesTotal: number;
  readonly #onProgress: (progress: ScanProgress) => void;
  #objectsDone = 0;
  #bytesDone = 0;
  #untilTurn = TURN_BYTES;

  constructor(
    plan: { readonly objects: readonly unknown[]; readonly bytes: number },
    onProgress: (progress: ScanProgress) => void,
  ) {
    this.#objectsTotal = plan.objects.length;
    this.#bytesTotal = plan.bytes;
    this.#onProgress = onProgress;
  }

  /** To be called after each object; `size` is its bytes as stored. */
  async done({ size }: { readonly size: number }): Promise<void> {
    this.#objectsDone++;
    this.#bytesDone += size;
    this.#untilTurn -= size + OBJECT_COST_BYTES;
    if (this.#untilTurn > 0) return;
    this.#untilTurn = TURN_BYTES;
    this.#onProgress({
      objectsDone: this.#objectsDone,
      objectsTotal: this.#objectsTotal,
      bytesDone: this.#bytesDone,
      bytesTotal: this.#bytesTotal,
    });
    await setImmediate();
  }
}
