import type { PrefixVerdict } from './object-store.js';

/** Asks once for each prefix, from the outermost inwards; what lies in a prefix that is left out is not asked for. */
export class PrefixJudge {
  readonly #judge: (prefix: string) => PrefixVerdict;
  readonly #verdicts = new Map<string, PrefixVerdict>();

  constructor(judge: (prefix: string) => PrefixVerdict) {
    this.#judge = judge;
  }

  /** What is to be done with a key, by the prefixes that it lies in. */
  ofKey(key: string): PrefixVerdict {
    return this.ofPrefix(key.slice(0, key.lastIndexOf('/') + 1));
  }

  /** What is to be done with a prefix that ends in `/`; the empty one is the root. */
  ofPrefix(prefix: string): PrefixVerdict {
    if (prefix === '') return 'descend';
    const known = this.#verdicts.get(prefix);
    if (known !== undefined) return known;
    const verdict = this.#ask(prefix);
    this.#verdicts.set(prefix, verdict);
    return verdict;
  }

  #ask(prefix: string): PrefixVerdict {
    const outer = this.ofKey(prefix.slice(0, -1));
    if (outer === 'outside') return outer;
    const own = this.#judge(prefix);
    return own === 'outside' || outer === 'descend' ? own : outer;
  }
}
