/** Chance that comes out the same for the same seed. */
export interface Chance {
  /** A whole number from 0 to `limit - 1`. */
  below(limit: number): number;
  /** True with the probability, 0 to 1. */
  hits(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
}

/** Mulberry32 (public domain): small, fast, and good enough to choose what to break. */
export function seededChance(seed: number): Chance {
  let state = seed >>> 0;
  const fraction = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(fraction() * limit);
  return { below, hits: (probability) => fraction() < probability, pick: (list) => list[below(list.length)]! };
}
