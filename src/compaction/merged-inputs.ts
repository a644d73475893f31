import type { BatchInput } from './batch-plan.js';

/** What a run has merged; counts objects that were merged although another one with the same bytes is merged, too. */
export class MergedInputs {
  readonly #keys = new Set<string>();
  readonly #contents = new Map<string, string>();
  #repeated = 0;

  /** How many deliveries came twice. */
  get repeated(): number {
    return this.#repeated;
  }

  /** Whether this run has merged the object of an exact key. */
  has(key: string): boolean {
    return this.#keys.has(key);
  }

  /** Takes note of what is merged already. */
  know(inputs: readonly BatchInput[]): void {
    for (const { sha256, key } of inputs) if (!this.#contents.has(sha256)) this.#contents.set(sha256, key);
  }

  /** Counts what was merged just now. */
  add(inputs: readonly BatchInput[]): void {
    for (const { sha256, key } of inputs) {
      const known = this.#contents.get(sha256);
      if (known === undefined) this.#contents.set(sha256, key);
      else if (known !== key) this.#repeated++;
      this.#keys.add(key);
    }
  }
}
