import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type JsonAnswer, jsonOf } from '../commands/answer.js';
import { apiCall } from '../commands/made-calls.js';
import { askServer } from './ask-server.js';
import { EVERY_SERVER, type Server, type ServerName, startServer } from './every-server.js';
import { fillBucket } from './fill-bucket.js';
import { ODD_KEYS, type OddKey } from './odd-keys.js';

const WHICH = 'select object_key, operation, count(*) as calls from api_calls group by all order by all';

test('there are as many keys as there are ways to get them wrong', () => {
  expect(new Set(ODD_KEYS.map(({ key }) => key)).size).toBe(22);
});

describe.each(EVERY_SERVER)('%s', (name) => {
  const keys = keysOf(name);
  let server: Server;

  beforeAll(async () => {
    server = await startServer(name);
    await fillBucket(server, 'odd', new Map(keys.map((odd) => [odd.key, apiCall({ operation: odd.name })])));
  });

  afterAll(() => server.stop());

  test('the whole bucket: every record is counted, every key is shown as it is', async () => {
    const { rows, accounting } = await ask(['sql', WHICH, 's3://odd/']);
    expect(sorted(rows)).toEqual(sorted(keys.map((odd) => rowOf(odd, odd.key))));
    expect(accounting.objects).toEqual({ listed: keys.length, read: keys.length, skipped: 0, failed: 0 });
  });

  test('below a prefix: keys are what follows it', async () => {
    const below = keys.filter(({ key }) => key.startsWith('k/'));
    const { rows } = await ask(['sql', WHICH, 's3://odd/k']);
    expect(sorted(rows)).toEqual(sorted(below.map((odd) => rowOf(odd, odd.key.slice('k/'.length)))));
  });

  test.concurrent.each(keys.filter(({ key }) => !key.endsWith('/')))('$name, alone', async (odd) => {
    const { rows } = await ask(['sql', WHICH, '--bucket', 'odd', `--prefix=${odd.key}`]);
    expect(rows).toMatchObject([{ operation: odd.name, calls: 1 }]);
  });

  async function ask(args: readonly string[]): Promise<JsonAnswer> {
    const end = await askServer(server, [...args, '--json']);
    expect(end.code, end.stderr).toBe(0);
    expect(end.left).toEqual([]);
    return jsonOf(end);
  }
});

function keysOf(server: ServerName): readonly OddKey[] {
  return ODD_KEYS.filter(({ notAFile }) => server !== 'versitygw' || notAFile === undefined);
}

function rowOf({ name }: OddKey, key: string): JsonAnswer['rows'][number] {
  return { object_key: key, operation: name, calls: 1 };
}

function sorted(rows: JsonAnswer['rows']): JsonAnswer['rows'] {
  return [...rows].sort((a, b) => (String(a['operation']) < String(b['operation']) ? -1 : 1));
}
