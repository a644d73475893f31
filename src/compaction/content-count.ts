import type { BatchInput } from './batch-plan.js';

/** Counts objects that are merged although another one with the same bytes is merged, too: a delivery that came twice. */
export class ContentCount {
  readonly #keys = new Map<string, string>();
  #repeated = 0;

  get repeated(): number {
    return this.#repeated;
  }

  /** Takes note of what is merged already. */
  know(inputs: readonly BatchInput[]): void {
    for (const { sha256, key } of inputs) if (!this.#keys.has(sha256)) this.#keys.set(sha256, key);
  }

  /** Counts what was merged just now. */
  add(inputs: readonly BatchInput[]): void {
    for (const { sha256, key } of inputs) {
      const known = this.#keys.get(sha256);
      if (known === undefined) this.#keys.set(sha256, key);
      else if (known !== key) this.#repeated++;
    }
  }
}
