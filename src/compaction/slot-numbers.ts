import type { Ledger } from './read-ledger.js';
import type { SlotPlace } from './slot-key.js';

/** The next free number of each partition, as far as this run knows. A wrong guess costs a request: whoever holds the number is asked. */
export class SlotNumbers {
  readonly #ledger: Pick<Ledger, 'next'>;
  readonly #taken = new Map<string, number>();

  constructor(ledger: Pick<Ledger, 'next'>) {
    this.#ledger = ledger;
  }

  next(partition: string): number {
    return this.#taken.get(partition) ?? this.#ledger.next(partition);
  }

  took({ partition, number }: SlotPlace): void {
    this.#taken.set(partition, number + 1);
  }
}
