import { describe, expect, test } from 'vitest';
import { buildProgram } from '../../build-program.js';
import { startFaultProxy } from '../../s3/fault-proxy.js';
import type { Fault } from '../../s3/faults.js';
import { type BucketPlace, useServer } from './bucket-place.js';
import { type CompactionRequest, FIRST_REQUESTS, PART_REQUESTS, REQUESTS } from './request-faults.js';
import { type Ended, LIMIT_MS } from './run-program.js';
import { caseName, casesOf, chanceOf, IS_WHOLE, SEED } from './seeds.js';
import { findViolations, settle } from './settle-table.js';
import { keyOf, QUESTIONS, TestTable } from './test-table.js';

const newBucket = useServer();

const IMPATIENT = ['--read-timeout', '1'];
/** Slots are far smaller here than those that are sent in parts. */
const PARTS = {
  file: 'storage/s3-writable-store.ts',
  passage: 'const MULTIPART_BYTES = 64 * 1024 * 1024;',
  by: 'const MULTIPART_BYTES = 2048;',
};
let sendsParts: string | undefined;

describe.concurrent('requests that go wrong', { timeout: LIMIT_MS }, () => {
  test.each(casesOf({ whole: 10, few: 1 }))(
    `${caseName(0).replace('case 0', 'case %i')}: each kind of them once`,
    async (number) => {
      const chance = chanceOf('once', number);
      const { table, place } = await newTable(number % 3 === 0 ? 'new' : 'merged');
      const inParts = number % 3 === 1;
      const kinds = [...REQUESTS, ...FIRST_REQUESTS, ...(inParts ? PART_REQUESTS : [])];
      const told = kinds.map((kind) => strike(place, kind, { fault: kind.faults(chance), times: 1 }));
      const program = inParts ? { program: programOfParts() } : {};
      const end = await table.compact({ ...program, env: { AWS_MAX_ATTEMPTS: '4' } }, IMPATIENT);
      place.mend();
      await checkAll(table, end, { told, question: chance.pick(QUESTIONS) });
      expect(place.struck().length, `nothing went wrong: ${told.join(', ')}`).toBeGreaterThan(4);
    },
  );

  test.each(casesOf({ whole: 24, few: 1 }))(
    `${caseName(0).replace('case 0', 'case %i')}: one kind of them, for ever`,
    async (number) => {
      const chance = chanceOf('ever', number);
      const kinds = [...REQUESTS, ...PART_REQUESTS, ...FIRST_REQUESTS];
      const kind = kinds[number % kinds.length] ?? chance.pick(kinds);
      const { table, place } = await newTable(FIRST_REQUESTS.includes(kind) ? 'new' : 'merged');
      const told = [strike(place, kind, { fault: kind.faults(chance), times: Infinity })];
      const program = PART_REQUESTS.includes(kind) ? { program: programOfParts() } : {};
      const run = (): Promise<Ended> => table.compact({ ...program, env: { AWS_MAX_ATTEMPTS: '2' } }, IMPATIENT);
      let end = await run();
      // On a busy machine a request before it may have taken too long.
      for (let again = 0; again < 3 && place.struck().length === 0; again++) end = await run();
      expect(place.struck().length, `nothing went wrong: ${told.join(', ')}`).toBeGreaterThan(0);
      place.mend();
      await checkAll(table, end, { told, question: chance.pick(QUESTIONS) });
    },
  );

  test.each(casesOf({ whole: 8, few: 0 }))(
    `${caseName(0).replace('case 0', 'case %i')}: any of them, on the way`,
    async (number) => {
      const { table, place } = await newTable('merged');
      const told: string[] = [];
      const proxy = await startFaultProxy({
        target: place.s3.endpoint,
        seed: `${SEED}-${number}`,
        choose: ({ operation, key }, random) => {
          if (random() > 0.15) return undefined;
          const kind = random() < 0.5 ? 'reset' : random() < 0.7 ? 'cut' : 'stall';
          const at = random() < 0.3 ? 'request' : { share: random() };
          told.push(`${kind} at ${JSON.stringify(at)} of ${operation} ${key}`);
          return { kind, at };
        },
      });
      const env = { AWS_ENDPOINT_URL: proxy.endpoint, AWS_MAX_ATTEMPTS: '4' };
      const end = await table.compact({ env }, IMPATIENT);
      await proxy.close();
      await checkAll(table, end, { told, question: chanceOf('way', number).pick(QUESTIONS) });
    },
  );

  test.each(IS_WHOLE ? ['Put of a slot', 'Put of a plan'] : ['Put of a plan'])(
    '%s: a store that says of it again and again that it is there, while it is not, is given up on',
    async (name) => {
      const { table, place } = await newTable('merged');
      const kind = REQUESTS.find((one) => one.name === name);
      if (kind === undefined) throw new Error('there is no such kind');
      strike(place, kind, { fault: { kind: 'error', code: 'PreconditionFailed' }, times: Infinity });
      const end = await table.compact();
      expect(end).toMatchObject({ code: 4, stderr: expect.stringMatching(/exists by the one answer/) as string });
      place.mend();
      expect(await findViolations(table, ['table'])).toEqual([]);
      expect(await settle(table, ['table'])).toEqual([]);
    },
  );
});

function programOfParts(): string {
  return (sendsParts ??= buildProgram({ replacements: [PARTS] }));
}

interface Strike {
  readonly fault: Fault;
  readonly times: number;
}

function strike(place: BucketPlace, { name, match }: CompactionRequest, { fault, times }: Strike): string {
  place.fault(match, fault, times);
  return `${name}: ${JSON.stringify(fault)}`;
}

interface Told {
  readonly told: readonly string[];
  readonly question: (typeof QUESTIONS)[number];
}

async function checkAll(table: TestTable, end: Ended, { told, question }: Told): Promise<void> {
  const shown = { told, code: end.code, stderr: end.stderr };
  // Whatever happens to requests is the user's to know, and no bug of the program.
  expect([0, 2, 3, 4], JSON.stringify(shown)).toContain(end.code);
  const now = await findViolations(table, [question]);
  expect({ ...shown, violations: now }).toEqual({ ...shown, violations: [] });
  expect({ ...shown, violations: await settle(table, [question]) }).toEqual({ ...shown, violations: [] });
}

async function newTable(state: 'new' | 'merged'): Promise<{ table: TestTable; place: BucketPlace }> {
  const place = newBucket();
  const table = new TestTable(place);
  table.write(keyOf(0, 'a.json'));
  table.write(keyOf(1, 'b.json.gz'));
  if (state === 'new') return { table, place };
  table.skipProbe();
  expect((await table.compact()).code).toBe(0);
  table.write(keyOf(0, 'late.json'));
  table.write(keyOf(2, 'later.json.gz'));
  return { table, place };
}
