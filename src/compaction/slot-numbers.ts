import type { Ledger } from './read-ledger.js';
import type { SlotPlace } from './slot-key.js';

/** Who holds a slot: this run, or another, by the exact keys of what is in it. */
export type SlotHolder = 'this run' | ReadonlySet<string>;

/**
 * What this run knows of the slots that the ledger did not have when it was read. Every batch has to be held against each slot
 * of its partition that another run has stored since: there may be some of its inputs in it.
 */
export class SlotNumbers {
  readonly #ledger: Pick<Ledger, 'next'>;
  readonly #holders = new Map<string, SlotHolder>();

  constructor(ledger: Pick<Ledger, 'next'>) {
    this.#ledger = ledger;
  }

  /** The first number of a partition that the ledger did not have. */
  first(partition: string): number {
    return this.#ledger.next(partition);
  }

  /** Who holds a slot; undefined where this run has not tried it. */
  holderOf(place: SlotPlace): SlotHolder | undefined {
    return this.#holders.get(nameOf(place));
  }

  holds(place: SlotPlace, holder: SlotHolder): void {
    this.#holders.set(nameOf(place), holder);
  }
}

function nameOf({ partition, number }: SlotPlace): string {
  return `${number} ${partition}`;
}
