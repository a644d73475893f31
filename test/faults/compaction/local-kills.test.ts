import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { localPlace } from './local-place.js';
import { type CallRule, LIMIT_MS } from './run-program.js';
import { caseName, casesOf, chanceOf, IS_WHOLE } from './seeds.js';
import { findViolations, settle } from './settle-table.js';
import { keyOf, QUESTIONS, TestTable } from './test-table.js';

const PHASES = ['before', 'middle', 'after'] as const;

/** How many calls a run makes from its first one to its last: kills are spread over them. */
let calls: { readonly whole: number; readonly probed: number };

beforeAll(async () => {
  const count = async (table: TestTable): Promise<number> => {
    const log = join(table.place.folder, 'calls');
    expect((await table.compact({ log })).code).toBe(0);
    return readFileSync(log, 'utf8').split('\n').length - 1;
  };
  const probed = newTable();
  probed.skipProbe();
  calls = { whole: IS_WHOLE ? await count(newTable()) : 1, probed: await count(probed) };
}, LIMIT_MS);

describe.concurrent('a run on a local disk that is killed at any of its calls', { timeout: LIMIT_MS }, () => {
  test.each(casesOf({ whole: 100, few: 1 }))(
    `${caseName(0).replace('case 0', 'case %i')}: two kills, then a clean run`,
    async (number) => {
      const chance = chanceOf('local', number);
      const table = newTable();
      // Most kills are to hit the merging, not the probe of the store before it.
      const isProbed = !IS_WHOLE || !chance.hits(0.1);
      if (isProbed) table.skipProbe();
      const kill = (): CallRule => {
        const at = 1 + chance.below(isProbed ? calls.probed : calls.whole);
        return { at, phase: chance.pick(PHASES), what: 'kill' };
      };
      const told: string[] = [];
      for (const late of ['late.json', 'later.json.gz']) {
        const rule = kill();
        const end = await table.compact({ rules: [rule] });
        told.push(`${rule.phase} call ${rule.at}: ${end.signal ?? end.code}`);
        expect({ told, violations: await findViolations(table, [chance.pick(QUESTIONS)]) }).toEqual({
          told,
          violations: [],
        });
        table.write(keyOf(chance.below(3), late));
      }
      expect({ told, violations: await settle(table, [chance.pick(QUESTIONS)]) }).toEqual({ told, violations: [] });
    },
  );

  test('a table whose first slot is not there yet is read as its source is', async () => {
    const table = newTable();
    table.skipProbe();
    const end = await table.compact({ rules: [{ path: 'link .*\\.parquet$', phase: 'before', what: 'kill' }] });
    expect(end.signal).toBe('SIGKILL');
    expect(await findViolations(table, ['table'])).toEqual([]);
    expect(await settle(table, ['table'])).toEqual([]);
  });
});

function newTable(): TestTable {
  const table = new TestTable(localPlace());
  for (const hour of [0, 1]) for (const name of ['a.json', 'b.json.gz']) table.write(keyOf(hour, name));
  return table;
}
