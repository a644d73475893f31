import { gzipSync } from 'node:zlib';
import type { Chance } from '../records/seeded-chance.js';

const DAMAGES: readonly ((packed: Buffer, chance: Chance) => Buffer)[] = [
  (packed, chance) => packed.subarray(0, 1 + chance.below(packed.length - 1)),
  (packed, chance) => {
    const damaged = Buffer.from(packed);
    const at = chance.below(damaged.length);
    damaged[at] = damaged[at]! ^ (1 << chance.below(8));
    return damaged;
  },
  (packed) => Buffer.concat([packed, Buffer.from('more')]),
];

/** Gzipped texts, each with a cut, a wrong bit, or something behind it. A wrong bit may be one that means nothing. */
export function damagedGzips(count: number, textOf: (file: number) => string, chance: Chance): Record<string, Buffer> {
  const files = Array.from({ length: count }, (_, file) => [
    `damaged-${file}.json.gz`,
    chance.pick(DAMAGES)(gzipSync(textOf(file)), chance),
  ]);
  return Object.fromEntries(files) as Record<string, Buffer>;
}
