import { appendFileSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { Chance } from '../../records/seeded-chance.js';
import { useServer } from './bucket-place.js';
import { localPlace } from './local-place.js';
import { LIMIT_MS } from './run-program.js';
import { caseName, casesOf, chanceOf } from './seeds.js';
import { compareNumbers, findViolations, settle } from './settle-table.js';
import { keyOf, numbersOf, type Question, QUESTIONS, TestTable } from './test-table.js';

const newBucket = useServer();
const HOURS = 4;

describe.concurrent('a source that changes while it is merged', { timeout: LIMIT_MS }, () => {
  test.each(casesOf({ whole: 16, few: 1 }))(
    `${caseName(0).replace('case 0', 'case %i')}: objects come late, are overwritten and go`,
    async (number) => {
      const chance = chanceOf('changes', number);
      const table = newTable(number % 2 === 0);
      const changes = changeAtRandom(table, chance);
      const ends = [await table.compact(), await table.compact()];
      await changes;
      // What changes while it is read is named, and taken by the next run.
      for (const { code, stderr } of ends) expect([0, 3], stderr).toContain(code);
      expect(await findViolations(table, [chance.pick(QUESTIONS)])).toEqual([]);
      expect(await settle(table, [chance.pick(QUESTIONS)])).toEqual([]);
    },
  );

  test('an object that is written to its half, or not at all yet, waits for the rest', async () => {
    const table = newTable(false);
    const key = keyOf(0, 'half.json');
    const body = table.numbered.make(key, 6);
    const path = join(table.place.source, key);
    writeFileSync(path, body.bytes.subarray(0, body.bytes.length * 0.6));
    const empty = table.numbered.make(keyOf(0, 'empty.json'), 3);
    writeFileSync(join(table.place.source, empty.key), '');
    const packed = table.numbered.make(keyOf(1, 'half.json.gz'), 6);
    writeFileSync(join(table.place.source, packed.key), packed.bytes.subarray(0, 40));
    await table.compact();
    const { violations, merged } = await table.check();
    expect({ violations, merged: [body, empty, packed].filter((one) => merged.has(one.key)) }).toEqual({
      violations: [],
      merged: [],
    });
    appendFileSync(path, body.bytes.subarray(body.bytes.length * 0.6));
    writeFileSync(join(table.place.source, empty.key), empty.bytes);
    writeFileSync(join(table.place.source, packed.key), packed.bytes);
    for (const one of [body, empty, packed]) table.current.set(one.key, one);
    expect(await settle(table, ['table'])).toEqual([]);
  });
});

describe.concurrent(
  'a source in which nothing changes, while it is merged and cleaned up',
  { timeout: LIMIT_MS },
  () => {
    test.each(casesOf({ whole: 6, few: 2 }))(
      `${caseName(0).replace('case 0', 'case %i')}: every reader gets every record once`,
      async (number) => {
        const table = newTable(number % 2 === 0);
        const expected = await table.expected('source');
        let isOver = false;
        const answers = (['table', 'both'] as const).map(async (question) => {
          let count = 0;
          do count += await askOnce(table, question, expected);
          while (!isOver);
          return count;
        });
        await mergeHourByHour(table);
        isOver = true;
        for (const count of await Promise.all(answers)) expect(count).toBeGreaterThan(0);
        expect(await settle(table, ['table', 'both'])).toEqual([]);
      },
    );
  },
);

/** @returns 1 for an answer; 0 where there is no table yet */
async function askOnce(table: TestTable, question: Question, expected: readonly number[]): Promise<number> {
  if (!table.isDescribed) {
    await wait(20);
    return 0;
  }
  const end = await table.ask(question);
  expect(end, end.stderr).toMatchObject({ code: 0 });
  expect(compareNumbers(question, numbersOf(end), expected)).toEqual([]);
  return 1;
}

/** A run for each hour; what is merged is removed, as the clean-up does. */
async function mergeHourByHour(table: TestTable): Promise<void> {
  for (let hour = 0; hour < HOURS; hour++) {
    const edge = (at: number): string => `2026-03-01T${String(at).padStart(2, '0')}:00:00Z`;
    const end = await table.compact({}, ['--since', edge(hour), '--until', edge(hour + 1)]);
    expect(end, end.stderr).toMatchObject({ code: 0 });
    const { merged } = await table.check();
    // Something stays: a bucket has no empty folders.
    for (const key of [...table.current.keys()].filter((one) => merged.has(one) && !one.includes('hour=03')))
      table.retire(key);
  }
}

async function changeAtRandom(table: TestTable, chance: Chance): Promise<void> {
  for (let change = 0; change < 30; change++) {
    await wait(chance.below(160));
    const keys = [...table.current.keys()];
    const key = chance.pick(keys);
    const what = chance.below(10);
    if (what < 5) write(table, keyOf(chance.below(HOURS), `late-${change}.json${chance.hits(0.3) ? '.gz' : ''}`));
    else if (what < 7) write(table, key, 1 + chance.below(6));
    else if (what < 8 && key.endsWith('.json')) write(table, key, table.bodyOf(key).numbers.length);
    else if (keys.length > 4) table.remove(key);
  }
}

/** At once, as whoever writes with care does: half a file is another case. */
function write(table: TestTable, key: string, records = 3): void {
  const body = table.numbered.make(key, records);
  if (table.place.source.startsWith('s3:')) table.place.put(key, body.bytes);
  else {
    const path = join(table.place.source, key);
    const beside = join(table.place.folder, 'beside');
    writeFileSync(beside, body.bytes);
    mkdirSync(dirname(path), { recursive: true });
    renameSync(beside, path);
  }
  table.current.set(key, body);
}

function newTable(isBucket: boolean): TestTable {
  const table = new TestTable(isBucket ? newBucket() : localPlace());
  table.skipProbe();
  for (let hour = 0; hour < HOURS; hour++) for (const name of ['a.json', 'b.json.gz']) table.write(keyOf(hour, name));
  return table;
}
