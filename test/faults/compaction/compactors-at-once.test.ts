import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { Chance } from '../../records/seeded-chance.js';
import { useServer } from './bucket-place.js';
import { localPlace } from './local-place.js';
import { type CallRule, type Ended, LIMIT_MS, type Running } from './run-program.js';
import { caseName, casesOf, chanceOf } from './seeds.js';
import { findViolations, settle } from './settle-table.js';
import { keyOf, QUESTIONS, TestTable } from './test-table.js';

const newBucket = useServer();
const HOURS = 3;

describe.concurrent('several runs at once', { timeout: LIMIT_MS }, () => {
  test.each(casesOf({ whole: 14, few: 1 }))(
    `${caseName(0).replace('case 0', 'case %i')}: with pauses, while objects come`,
    async (number) => {
      const chance = chanceOf('at once', number);
      const table = newTable(number % 2 === 0);
      const runs: Running[] = [];
      for (let run = 0; run < (number % 4 < 2 ? 2 : 4); run++) {
        runs.push(table.startCompact());
        await wait(chance.below(200));
        table.write(keyOf(chance.below(HOURS), `late-${run}.json`));
      }
      await pauseAtRandom(runs, chance);
      await checkAll(table, await Promise.all(runs.map(({ ended }) => ended)), chance);
    },
  );

  test.each(casesOf({ whole: 12, few: 1 }))(
    `${caseName(0).replace('case 0', 'case %i')}: one is stopped at any of its calls and goes on behind the others`,
    async (number) => {
      const chance = chanceOf('zombie', number);
      const table = newTable(false);
      const rule: CallRule = { at: 20 + chance.below(130), phase: chance.pick(['before', 'after']), what: 'stop' };
      const zombie = table.startCompact({ rules: [rule] });
      await wait(1500);
      table.write(keyOf(0, 'late.json'));
      const others = await Promise.all([table.compact(), table.compact()]);
      for (const hour of [0, 1]) table.retire(keyOf(hour, 'a.json'));
      zombie.child.kill('SIGCONT');
      await wakeUntilEnded(zombie);
      await checkAll(table, [...others, await zombie.ended], chance);
    },
  );

  test.each(casesOf({ whole: 12, few: 1 }))(
    `${caseName(0).replace('case 0', 'case %i')}: one is held at any of its requests and goes on behind the others`,
    async (number) => {
      const chance = chanceOf('held', number);
      const place = newBucket();
      const table = fill(new TestTable(place));
      const at = 1 + chance.below(16);
      let count = 0;
      const held = place.hold(() => ++count === at);
      const zombie = table.startCompact();
      await Promise.race([held.arrived, zombie.ended]);
      table.write(keyOf(0, 'late.json'));
      const others = [await table.compact(), await table.compact()];
      for (const hour of [0, 1]) table.retire(keyOf(hour, 'a.json'));
      held.release();
      await checkAll(table, [...others, await zombie.ended], chance);
    },
  );
});

/** Stops each of them now and then, as a busy machine or a laptop's lid does. */
async function pauseAtRandom(runs: readonly Running[], chance: Chance): Promise<void> {
  const pauses = runs.map(async ({ child }) => {
    const plan = Array.from({ length: 6 }, () => ({ after: chance.below(150), stopped: chance.below(300) }));
    for (const { after, stopped } of plan) {
      await wait(after);
      child.kill('SIGSTOP');
      await wait(stopped);
      child.kill('SIGCONT');
    }
  });
  await Promise.all(pauses);
}

/** On a busy machine it may stop only now. */
async function wakeUntilEnded({ child, ended }: Running): Promise<void> {
  const timer = setInterval(() => child.kill('SIGCONT'), 200);
  await ended;
  clearInterval(timer);
}

async function checkAll(table: TestTable, ends: readonly Ended[], chance: Chance): Promise<void> {
  for (const { code, stderr } of ends) expect({ code, stderr }).toMatchObject({ code: 0 });
  expect(await findViolations(table, [chance.pick(QUESTIONS)])).toEqual([]);
  expect(await settle(table, ['table'])).toEqual([]);
}

function newTable(isBucket: boolean): TestTable {
  return fill(new TestTable(isBucket ? newBucket() : localPlace()));
}

function fill(table: TestTable): TestTable {
  table.skipProbe();
  for (let hour = 0; hour < HOURS; hour++)
    for (const name of ['a.json', 'b.json.gz', 'c.json']) table.write(keyOf(hour, name));
  return table;
}
