import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { seededChance } from '../records/seeded-chance.js';
import { jsonOf } from './answer.js';
import { apiCall } from './made-calls.js';
import { awsusage, newFolder, ROOT } from './run-awsusage.js';

const QUESTIONS = readdirSync(join(ROOT, 'src/queries'))
  .filter((name) => name.endsWith('.sql'))
  .map((name) => name.replace(/\.sql$/, ''))
  .join();

/** Calls with as many ties as there can be: two of everything, in all combinations. */
const CALLS = [0, 1].flatMap((day) =>
  [0, 1].flatMap((service) =>
    [0, 1].flatMap((operation) =>
      [0, 1].flatMap((principal) =>
        [0, 1].map((failed) =>
          apiCall({
            timestamp: `2026-10-0${day + 1}T06:00:00`,
            session_id: `session-${principal}`,
            service: ['s3', 'sqs'][service],
            operation: ['Put', 'Get'][operation],
            principal: `user-${principal}`,
            user_agent: `agent/${principal}`,
            region: ['us-east-1', 'eu-west-1'][principal],
            account_id: ['111122223333', '444455556666'][failed],
            request: JSON.stringify({ Bucket: `bucket-${failed}`, Key: `k-${principal}` }),
            duration_ms: 5,
            ...(failed === 1 ? { status_code: 403, err_type: 'Denied', err_msg: `no-${principal}` } : {}),
          }),
        ),
      ),
    ),
  ),
);

/** The calls in an order of their own, as many to each of the files, which are not all of the same kind. */
function sourceInOrder(seed: number): string {
  const chance = seededChance(seed);
  const lines = CALLS.map((line) => ({ line, at: chance.below(1e9) })).sort((a, b) => a.at - b.at);
  const files = [0, 1, 2, 3].map((file) => [`${file}.json`, lines.filter((_, at) => at % 4 === file)] as const);
  return newFolder(
    Object.fromEntries(files.map(([name, some]) => [name, some.map(({ line }) => `${line}\n`).join('')])),
  );
}

test.each(['table', 'csv', 'json'])(
  'every question gives the same rows in whatever order calls come: %s',
  async (output) => {
    const flags = output === 'csv' ? ['-o', 'csv'] : output === 'json' ? ['--json'] : [];
    const questions = output === 'csv' ? 'denormalize' : QUESTIONS;
    const ends = await Promise.all(
      [1, 2, 3].map((seed) => awsusage(['query', questions, sourceInOrder(seed), '--limit', '0', '--quiet', ...flags])),
    );
    expect(ends.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(ends[0]!.stdout.length).toBeGreaterThan(100);
    expect(new Set(ends.map(({ stdout }) => stdout.replace(/"accounting"[^]*/, ''))).size).toBe(1);
  },
);

test('what is said of broken objects is the same every time, though they are read side by side', async () => {
  const files = Array.from({ length: 60 }, (_, index): [string, string] => [
    `${index}.json`,
    `${' '.repeat(((index * 7919) % 60) * 4000)}${apiCall()}\n{"service":\n${apiCall()}\n`,
  ]);
  const source = newFolder(Object.fromEntries(files));
  const ends = await Promise.all(
    [1, 2, 3, 4].map(() => awsusage(['query', 'services', source, '--json', '--allow-partial'])),
  );
  expect(new Set(ends.map(({ stdout }) => stdout)).size).toBe(1);
  expect(jsonOf(ends[0]!).accounting.reasons[0]?.example).toMatch(/^0\.json/);
});
