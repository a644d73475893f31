import { isDeepStrictEqual } from 'node:util';
import type { BatchInput } from './batch-plan.js';
import { lookAtSlot, type LookStores } from './look-at-slot.js';
import { proveBytes } from './prove-bytes.js';
import type { Slot } from './read-ledger.js';
import type { SlotProblem } from './slot-problem.js';

/** What was found of a slot that something is to be removed for. */
export interface SlotProof {
  /** None where it is exactly what was written. */
  readonly problems: readonly SlotProblem[];
  /** Whether the slot's plan has this input, in all that is told of it. */
  readonly holds: (input: BatchInput) => boolean;
}

/** Proves that slots are there as they were written, each once a run, and now: not when the ledger was read. */
export class SlotProver {
  readonly #stores: LookStores;
  readonly #proofs = new Map<Slot, Promise<SlotProof>>();

  constructor(stores: LookStores) {
    this.#stores = stores;
  }

  /** @throws UserError when the store cannot be asked */
  prove(slot: Slot): Promise<SlotProof> {
    const known = this.#proofs.get(slot);
    if (known !== undefined) return known;
    const proof = this.#prove(slot);
    this.#proofs.set(slot, proof);
    return proof;
  }

  async #prove({ partition, number, object, copy }: Slot): Promise<SlotProof> {
    const place = { partition, number };
    const found = { place, ...(object && { object }), ...(copy && { commit: copy }) };
    const look = await lookAtSlot(found, this.#stores);
    const damage = look.problems.length > 0 ? undefined : await proveBytes(look, this.#stores.data);
    const inputs = new Map(look.plan?.inputs.map((input) => [input.key, input]));
    return {
      problems: damage === undefined ? look.problems : [damage],
      holds: (input) => isDeepStrictEqual(inputs.get(input.key), input),
    };
  }
}
