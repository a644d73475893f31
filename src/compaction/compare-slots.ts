import type { SlotLook } from './look-at-slot.js';
import { slotKey, type SlotPlace } from './slot-key.js';
import type { SlotProblem } from './slot-problem.js';

/**
 * What is wrong with slots among each other: numbers that are missing in a partition, and objects that are in more than one
 * slot.
 */
export function compareSlots(looks: readonly SlotLook[]): SlotProblem[] {
  return [...findGaps(looks.map(({ found }) => found.place)), ...findTwice(looks)];
}

function findGaps(places: readonly SlotPlace[]): SlotProblem[] {
  const partitions = new Map<string, number[]>();
  for (const { partition, number } of places) {
    const numbers = partitions.get(partition);
    if (numbers === undefined) partitions.set(partition, [number]);
    else numbers.push(number);
  }
  return [...partitions].flatMap(([partition, numbers]) => {
    const sorted = [0, ...numbers.sort((a, b) => a - b)];
    return sorted.slice(1).flatMap((number, index) => {
      const missing = number - (sorted[index] ?? 0) - 1;
      if (missing < 1) return [];
      const reason = `there is no trace of the ${missing === 1 ? 'slot' : `${missing} slots`} before it`;
      return [{ slot: slotKey({ partition, number }), kind: 'gap' as const, reason }];
    });
  });
}

function findTwice(looks: readonly SlotLook[]): SlotProblem[] {
  const holders = new Map<string, string>();
  const there = looks.filter(({ stored }) => stored !== undefined);
  return there.flatMap(({ key, plan, copy }) => {
    const others = new Map<string, number>();
    for (const input of (plan ?? copy)?.inputs ?? []) {
      const holder = holders.get(input.key);
      if (holder === undefined) holders.set(input.key, key);
      else others.set(holder, (others.get(holder) ?? 0) + 1);
    }
    return [...others].map(([holder, count]): SlotProblem => {
      const reason = `${count} of its objects ${count === 1 ? 'is' : 'are'} in ${holder}, too: their rows are counted twice`;
      return { slot: key, kind: 'twice', reason };
    });
  });
}
