import { beforeAll, describe, expect, test } from 'vitest';
import { type BucketPlace, isRequest, REQUEST_KILLS, useServer } from './bucket-place.js';
import { LIMIT_MS } from './run-program.js';
import { caseName, casesOf, chanceOf, IS_WHOLE } from './seeds.js';
import { findViolations, settle } from './settle-table.js';
import { keyOf, QUESTIONS, TestTable } from './test-table.js';

const newBucket = useServer();

/** How many requests a run makes from its first one to its last: kills are spread over them. */
let requests: { readonly whole: number; readonly probed: number };

beforeAll(async () => {
  const count = async (isProbed: boolean): Promise<number> => {
    const { table, place } = newTable(isProbed);
    expect((await table.compact()).code).toBe(0);
    return place.s3.requests.filter(({ bucket }) => bucket === place.bucket).length;
  };
  requests = { whole: IS_WHOLE ? await count(false) : 1, probed: await count(true) };
}, LIMIT_MS);

describe.concurrent('a run in a bucket that is killed at any of its requests', { timeout: LIMIT_MS }, () => {
  test.each(casesOf({ whole: 50, few: 1 }))(
    `${caseName(0).replace('case 0', 'case %i')}: two kills, then a clean run`,
    async (number) => {
      const chance = chanceOf('bucket', number);
      const isProbed = !IS_WHOLE || !chance.hits(0.1);
      const { table, place } = newTable(isProbed);
      const told: string[] = [];
      for (const late of ['late.json', 'later.json.gz']) {
        const at = 1 + chance.below(isProbed ? requests.probed : requests.whole);
        const how = chance.pick(REQUEST_KILLS);
        const end = await killedRun(table, place, { at, how });
        told.push(`${how} request ${at}: ${end}`);
        const violations = await findViolations(table, [chance.pick(QUESTIONS)]);
        expect({ told, violations }).toEqual({ told, violations: [] });
        table.write(keyOf(chance.below(3), late));
      }
      expect({ told, violations: await settle(table, [chance.pick(QUESTIONS)]) }).toEqual({ told, violations: [] });
    },
  );

  test('a table whose first slot is not stored yet is read as its source is', async () => {
    const { table, place } = newTable(true);
    const held = place.hold(isRequest('PutObject', /\.parquet$/));
    const running = table.startCompact();
    await held.arrived;
    expect(await findViolations(table, ['table', 'both'])).toEqual([]);
    held.release();
    expect((await running.ended).code).toBe(0);
    expect(await settle(table, ['table'])).toEqual([]);
  });
});

interface Kill {
  readonly at: number;
  readonly how: (typeof REQUEST_KILLS)[number];
}

/** Requests that a run does not come to leave it alive. */
async function killedRun(table: TestTable, place: BucketPlace, { at, how }: Kill): Promise<string> {
  let kill = (): void => undefined;
  const killing = place.killAt(at, how, () => kill());
  const { child, ended } = table.startCompact();
  kill = () => child.kill('SIGKILL');
  const { signal, code } = await ended;
  killing.stop();
  return String(signal ?? code);
}

function newTable(isProbed: boolean): { table: TestTable; place: BucketPlace } {
  const place = newBucket();
  const table = new TestTable(place);
  // Most kills are to hit the merging, not the probe of the store before it.
  if (isProbed) table.skipProbe();
  for (const hour of [0, 1]) for (const name of ['a.json', 'b.json.gz']) table.write(keyOf(hour, name));
  return { table, place };
}
