import { execFileSync, spawnSync } from 'node:child_process';
import { accessSync, chmodSync, constants } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { firstValue, jsonOf } from './answer.js';
import { apiCall } from './made-calls.js';
import { awsusage, BUCKET, newFolder, ROOT, RUN_JS, startProgram } from './run-awsusage.js';

const COUNT = 'select count(*) from api_calls';
const NOBODY = 65_534;
const COLUMNS =
  'timestamp, event_id, session_id, account_id, region, service, operation, principal, source_ip, user_agent, ' +
  'status_code, error_code, error_message, duration_ms, request_bytes, response_bytes, request, response, calls, ' +
  'log_format, object_key';

describe.concurrent('what people will meet', () => {
  test.each<[string, string[], (string | RegExp)[]]>([
    ['no such folder', ['/no/such/folder'], ['Error: No such file or folder: /no/such/folder\n']],
    [
      'no such folder, but one of nearly this name',
      ['fixtures/exampel-bucket'],
      ['No such file or folder: fixtures/exampel-bucket\n  Did you mean fixtures/example-bucket?\n'],
    ],
    [
      'nothing in the window, as the keys tell',
      [BUCKET, '--since', '2027-01-01'],
      ['can hold calls of the window', 'from 2026-10-01T06:00:00Z to 2026-10-07T00:00:00Z', '--since and --until'],
    ],
    [
      'nothing in the window, as the calls tell',
      [BUCKET, '--since', '2026-10-04', '--until', '2026-10-05'],
      [/No call is in the window; the calls there are from 2026-10-\S+Z to 2026-10-\S+Z\n/, '--since and --until'],
    ],
    [
      'an empty window',
      [BUCKET, '--since', '2d', '--until', '3d'],
      ['The window is empty: --since 2d is not before --until 3d'],
    ],
    [
      'an unknown column',
      [BUCKET, '--where', 'colour = 1'],
      ['--where "colour = 1"', '"colour" not found', `Columns: ${COLUMNS}.`],
    ],
    ['no expression', [BUCKET, '--where', '1); drop table x; --'], ['is not an expression over the calls', COLUMNS]],
    [
      'a bad date',
      [BUCKET, '--since', '2026-02-30'],
      ['Cannot read "2026-02-30" as a date', 'there is no such day', '2026-10-01T06:00:00Z'],
    ],
    ['no date', [BUCKET, '--until', 'soon'], ['Cannot read "soon" as a date', '7d', 'yesterday']],
    ['a bad time zone', [BUCKET, '--timezone', 'Berlin'], ['--timezone "Berlin" is not a time zone', 'Europe/Berlin']],
    ['a bad lateness', [BUCKET, '--lateness', '5x'], ['Cannot read "5x" as a length of time', '24h']],
    ['a bad amount of memory', [BUCKET, '--memory', 'lots'], ['Cannot read "lots" as an amount of memory', '512MB']],
    ['too little memory', [BUCKET, '--memory', '1MB'], ['it is less than 64MB']],
  ])('%s', async (_name, args, texts) => {
    const end = await awsusage(['query', 'services', ...args]);
    expect(end).toMatchObject({ code: 2, stdout: '', left: [] });
    expect(end.stderr).toMatch(/^Error: /);
    for (const text of texts) {
      if (typeof text === 'string') expect(end.stderr).toContain(text);
      else expect(end.stderr).toMatch(text);
    }
  });

  test('an unknown format: the keys, and a map that works once it is filled in', async () => {
    const record = { when: '2026-10-01T06:00:00Z', userName: 'ana', action: 'Save', app: 'shop', size: 7 };
    const cwd = newFolder({ 'own.json': `${JSON.stringify(record)}\n${JSON.stringify(record)}\n` });
    const end = await awsusage(['query', 'services', 'own.json'], { cwd });
    expect(end).toMatchObject({ code: 2, stdout: '', left: [] });
    expect(end.stderr).toContain('the first has the keys: when, userName, action, app, size\n');
    expect(end.stderr).toContain('awsusage.config.json');
    const map = end.stderr.slice(end.stderr.indexOf('\n  {')).replaceAll('$.TODO', '$.when');
    const filledIn = newFolder({ 'own.json': `${JSON.stringify(record)}\n`, 'awsusage.config.json': map });
    const sql = 'select timestamp, principal, operation, service from api_calls';
    const second = await awsusage(['sql', sql, 'own.json', '-o', 'csv', '-q'], { cwd: filledIn });
    expect(second.stderr).toBe('');
    expect(second.stdout).toMatch(/\r\n2026-10-01T06:00:00Z,ana,Save,shop\r\n$/);
  });

  test('a mistake in the configuration: file, line and column', async () => {
    const cwd = newFolder({ 'awsusage.config.json': '{\n  "sources": {,}\n}', 'a.json': apiCall() });
    const end = await awsusage(['query', 'services', 'a.json'], { cwd });
    expect(end).toMatchObject({ code: 2, stdout: '' });
    expect(end.stderr).toContain(`Cannot read ${join(cwd, 'awsusage.config.json')}: line 2, column 15: `);
  });
});

/** No user of any system has this number. */
const UNLISTED = 1_234_567;

/** Only root can run the program as somebody else, and only where that one may read the checkout. */
const canBeNobody = process.getuid?.() === 0 && mayRead(ROOT);

function mayRead(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
  } catch {
    return false;
  }
  const run = spawnSync(process.execPath, [RUN_JS, '--version'], { uid: NOBODY, gid: NOBODY });
  return run.status === 0;
}

describe.skipIf(!canBeNobody)('what may not be read (needs root, to run as nobody)', () => {
  let folder: string;

  beforeAll(() => {
    folder = newFolder({ 'open/a.json': apiCall(), 'open/closed.json': apiCall(), 'shut/b.json': apiCall() });
    chmodSync(folder, 0o755);
    chmodSync(join(folder, 'open/closed.json'), 0o600);
    chmodSync(join(folder, 'shut'), 0o700);
  });

  test('a folder or a file that is the source', async () => {
    for (const path of ['shut', 'open/closed.json']) {
      const end = await awsusage(['query', 'services', join(folder, path)], { uid: NOBODY });
      expect(end).toMatchObject({ code: 2, stdout: '', left: [] });
      expect(end.stderr).toContain(`Error: Cannot read ${join(folder, path)}: permission denied\n  Ask its owner`);
    }
  });

  test('a file and a folder within the source: the answer is incomplete', async () => {
    const args = ['sql', COUNT, folder, '--json'];
    const end = await awsusage(args, { uid: NOBODY });
    expect(end).toMatchObject({ code: 3, left: [] });
    expect(firstValue(end)).toBe(1);
    const { objects, reasons } = jsonOf(end).accounting;
    expect(objects).toMatchObject({ read: 1, failed: 2 });
    expect(reasons.map(({ reason }) => reason).join()).toContain('permission denied');
    expect(end.stderr).toContain('The answer is incomplete');
    expect((await awsusage([...args, '--allow-partial'], { uid: NOBODY })).code).toBe(0);
  });

  test('a folder for temporary files that may not be written to', async () => {
    const env = { AWSUSAGE_TMPDIR: folder };
    const end = await awsusage(['sql', COUNT, BUCKET], { uid: NOBODY, env });
    expect(end).toMatchObject({ code: 2, stdout: '' });
    expect(end.stderr).toBe(
      `Error: Cannot write temporary files to ${folder}: you may not write there\n` +
        '  Set AWSUSAGE_TMPDIR to a folder of yours on a disk with free space.\n',
    );
  });

  test('a working folder that is read-only', async () => {
    const end = await awsusage(['sql', COUNT, 'a.json', '--json'], { uid: NOBODY, cwd: join(folder, 'open') });
    expect(firstValue(end)).toBe(1);
  });
});

test.skipIf(!canBeNobody)(
  'a user without an entry in the password file, as in a container, needs nothing (needs root)',
  async () => {
    const end = await awsusage(['sql', COUNT, BUCKET, '--json'], {
      uid: UNLISTED,
      env: { HOME: undefined, AWSUSAGE_CACHE: undefined },
    });
    expect(end).toMatchObject({ code: 0, left: [] });
    expect(firstValue(end)).toBeGreaterThan(0);
  },
);

/** A file system in memory of so many megabytes, for disks that are full. */
function mount(megabytes: number): string | undefined {
  const folder = newFolder();
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder]);
  return status === 0 ? folder : undefined;
}

describe('a full disk below the temporary folder', () => {
  const small = mount(1);
  const larger = mount(120);

  afterAll(() => {
    for (const folder of [small, larger]) if (folder !== undefined) execFileSync('umount', [folder]);
  });

  test.skipIf(small === undefined)('is seen before it is needed (needs mount)', async () => {
    const env = { AWSUSAGE_TMPDIR: small };
    for (const args of [
      ['query', 'services', BUCKET],
      ['inspect', BUCKET],
    ]) {
      const end = await awsusage(args, { env });
      expect(end).toMatchObject({ code: 2, stdout: '', left: [] });
      expect(end.stderr).toMatch(
        /^Error: Cannot write temporary files to \S+: about 67 MB are needed, [\d.]+ [kM]?B are free\n/,
      );
      expect(end.stderr).toContain('Set AWSUSAGE_TMPDIR to a folder of yours on a disk with free space.');
    }
  });

  test.skipIf(larger === undefined)('is named when a query fills it (needs mount)', async () => {
    const sql = 'select * from range(30000000) order by hash(range)';
    const end = await awsusage(['sql', sql, BUCKET, '--memory', '64MB'], { env: { AWSUSAGE_TMPDIR: larger } });
    expect(end).toMatchObject({ code: 2, stdout: '', left: [] });
    expect(end.stderr).toMatch(/^Error: The temporary folder is full: /);
    expect(end.stderr).toContain('AWSUSAGE_TMPDIR');
  });
});

describe.concurrent('exit codes, with and without --json', () => {
  const GOOD = apiCall();
  const CUT = gzipSync(`${GOOD}\n${GOOD}\n`).subarray(0, -6);
  const partial = newFolder({ 'a.json': `${GOOD}\n{"service":\n${GOOD}\n`, 'b.json.gz': CUT, 'c.json': GOOD });

  test('0: all good', async () => {
    for (const json of [[], ['--json']]) expect((await awsusage(['sql', COUNT, BUCKET, ...json])).code).toBe(0);
  });

  test('2: wrong usage, as a document too', async () => {
    const end = await awsusage(['query', 'nope', BUCKET, '--json']);
    expect(end.code).toBe(2);
    const { error } = jsonOf<{ error: Record<string, unknown> }>(end);
    expect(error).toEqual({
      code: 'usage',
      exitCode: 2,
      message: 'There is no question called "nope"',
      wayOut: expect.any(Array) as unknown,
    });
    expect(end.stderr).toContain('There is no question called "nope"');
    expect((await awsusage(['query', 'nope', BUCKET])).stdout).toBe('');
  });

  test('3: incomplete, and the answer is still printed; --allow-partial makes it 0', async () => {
    const plain = await awsusage(['sql', COUNT, partial, '-o', 'csv']);
    expect(plain).toMatchObject({ code: 3, stdout: 'count_star()\r\n3\r\n', left: [] });
    expect(plain.stderr).toContain('The answer is incomplete');
    const json = await awsusage(['sql', COUNT, partial, '--json']);
    expect(json.code).toBe(3);
    expect(firstValue(json)).toBe(3);
    const { objects, records } = jsonOf(json).accounting;
    expect(objects).toMatchObject({ listed: 3, read: 2, failed: 1 });
    expect(records).toMatchObject({ kept: 3, quarantined: 1 });
    for (const flags of [[], ['--json']]) {
      const allowed = await awsusage(['sql', COUNT, partial, '--allow-partial', ...flags]);
      expect(allowed.code).toBe(0);
      expect(allowed.stderr).not.toContain('The answer is incomplete');
    }
    expect((await awsusage(['inspect', partial, '--quiet'])).code).toBe(3);
  });

  test('70: a bug, with the trace only where it is asked for', async () => {
    const broken = 'data:text/javascript,performance.now=()=>{throw new Error("broken clock")}';
    const run = (env: Record<string, string>, ...flags: string[]) =>
      startProgram(process.execPath, ['--import', broken, RUN_JS, 'query', 'services', BUCKET, ...flags], { env })
        .ended;
    const plain = await run({});
    expect(plain).toMatchObject({ code: 70, stdout: '', left: [] });
    expect(plain.stderr).toMatch(/^Error: awsusage has a bug: broken clock\n {2}Please report it[^\n]*\n$/);
    const json = await run({ AWSUSAGE_DEBUG: '1' }, '--json');
    expect(json.code).toBe(70);
    expect(jsonOf<{ error: unknown }>(json).error).toMatchObject({ code: 'bug', exitCode: 70 });
    expect(json.stderr).toContain('at answerQuestions (');
  });
});
