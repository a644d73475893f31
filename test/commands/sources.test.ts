import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { firstValue, jsonOf, type JsonAnswer } from './answer.js';
import { apiCall } from './made-calls.js';
import { awsusage, newFolder, startProgram, RUN_JS, type RunOptions } from './run-awsusage.js';

const COUNT = 'select count(*) from api_calls';

/** `a.json` has one call, `b.json.gz` two, `deep/c.json` four: every sum tells what was read. */
let folder: string;

beforeAll(() => {
  folder = newFolder({
    'logs/a.json': apiCall(),
    'logs/b.json.gz': gzipSync(apiCall() + apiCall()),
    'logs/deep/c.json': [apiCall(), apiCall(), apiCall(), apiCall()].join('\n'),
    'awsusage.config.json': JSON.stringify({
      sources: { prod: './logs/deep', both: ['logs/a.json', 'logs/b.json.gz'], logs: './nowhere' },
      defaults: { source: 'prod' },
    }),
  });
});

async function count(sources: readonly string[], options: RunOptions = {}): Promise<unknown> {
  const end = await awsusage(['sql', COUNT, ...sources, '--json'], { cwd: folder, ...options });
  expect(end).toMatchObject({ code: 0, left: [] });
  return firstValue(end);
}

describe.concurrent('SOURCE', () => {
  test.each<[string, string[], number]>([
    ['a folder', ['logs'], 7],
    ['a file', ['logs/a.json'], 1],
    ['a glob', ['logs/*.json*'], 3],
    ['several', ['logs/b.json.gz', 'logs/deep/'], 6],
    ['a file twice, and by another path', ['logs/a.json', 'logs/a.json', './logs/../logs/a.json'], 1],
    ['a folder, a file and a glob in it', ['logs', 'logs/a.json', 'logs/**/c.json'], 7],
    ['a name of the configuration', ['prod'], 4],
    ['a name and a path', ['both', 'logs/deep/'], 7],
    ['a path that is also a name: the path wins', ['logs'], 7],
    ['none: the default of the configuration', [], 4],
  ])('%s', async (_name, sources, calls) => {
    expect(await count(sources)).toBe(calls);
  });

  test('a symbolic link to a folder that was given itself', async () => {
    const link = join(newFolder(), 'link');
    symlinkSync(join(folder, 'logs'), link);
    expect(await count([link, join(folder, 'logs/a.json')])).toBe(7);
  });

  test('an absolute path, from another working folder', async () => {
    expect(await count([join(folder, 'logs')], { cwd: newFolder() })).toBe(7);
  });

  test('the configuration is found upwards', async () => {
    expect(await count(['prod'], { cwd: join(folder, 'logs/deep') })).toBe(4);
  });

  test('AWSUSAGE_SOURCE, one place a line; SOURCE on the command line wins', async () => {
    const env = { AWSUSAGE_SOURCE: 'logs/a.json\nlogs/b.json.gz\n' };
    expect(await count([], { env })).toBe(3);
    expect(await count(['logs/deep'], { env })).toBe(4);
  });

  test('standard input: plain, compressed, empty', async () => {
    expect(await count(['-'], { input: `${apiCall()}\n${apiCall()}\n` })).toBe(2);
    expect(await count(['-'], { input: gzipSync(apiCall()) })).toBe(1);
    expect(await count(['-'], { input: '' })).toBe(0);
    expect(await count(['-', 'logs/a.json'], { input: apiCall() })).toBe(2);
  });

  test('standard input is for every command', async () => {
    const input = apiCall({ service: 'sqs' });
    const query = await awsusage(['query', 'services', '-', '--output', 'ndjson', '--quiet'], { input });
    expect(query.stdout).toBe('{"service":"sqs","operations":1,"number_of_sessions":1,"calls":1,"errors":0}\n');
    const inspect = await awsusage(['inspect', '-', '--json'], { input });
    expect(jsonOf<{ formats: unknown[] }>(inspect).formats).toMatchObject([{ format: 'api-call', records: 1 }]);
  });
});

describe.concurrent('names of any characters', () => {
  const NAMES = [
    'with blanks and  more',
    `quotes ' " \``,
    'glob[1]*?{a,b}',
    'new\nline',
    'ünïcödé 日本 🦆',
    '%2F..%2F',
    '$HOME;--x',
    '\\back\\slash',
    'esc\x1b[31m',
    'a=b',
  ];

  test('folders and files are read', async () => {
    const parent = newFolder(
      Object.fromEntries(
        NAMES.flatMap((name) => [
          [join(name, `${name}.json`), apiCall()],
          [join(name, 'a1.json'), apiCall()],
        ]),
      ),
    );
    expect(await count(NAMES.map((name) => join(parent, name)))).toBe(2 * NAMES.length);
    expect(await count(NAMES.map((name) => join(parent, name, `${name}.json`)))).toBe(NAMES.length);
  });

  test('a name that begins with a dash comes after --, or with ./', async () => {
    const cwd = newFolder({ '-o/a.json': apiCall(), '--json': apiCall() });
    expect(await count(['./-o'], { cwd })).toBe(1);
    const end = await awsusage(['sql', COUNT, '--json', '--', '-o', '--json'], { cwd });
    expect(firstValue(end)).toBe(2);
  });

  test('bytes that are no text', async () => {
    const parent = newFolder();
    mkdirSync(Buffer.concat([Buffer.from(`${parent}/`), Buffer.from([0xff, 0xfe])]));
    execFileSync('sh', ['-c', `printf '%s' '${apiCall()}' > "$0/$(printf '\\377\\376')/a.json"`, parent]);
    expect(await count([parent])).toBe(1);
  });
});

describe.concurrent('sources without calls', () => {
  test('an empty folder and a glob without a match are errors', async () => {
    const empty = newFolder();
    for (const source of [empty, join(empty, '*.json')]) {
      const end = await awsusage(['query', 'services', source]);
      expect(end).toMatchObject({ code: 2, stdout: '', left: [] });
      expect(end.stderr).toContain('There is nothing to read in');
    }
  });

  test('only what is skipped: the reasons are given', async () => {
    const end = await awsusage(['query', 'services', newFolder({ '.DS_Store': 'x' })]);
    expect(end).toMatchObject({ code: 2, stdout: '' });
    expect(end.stderr).toContain('Skipped .DS_Store: hidden file.');
  });

  test('a file of no bytes has no calls, and is no failure', async () => {
    const end = await awsusage(['query', 'services', newFolder({ 'a.json': '' }), '--json']);
    expect(end.code).toBe(0);
    const { rows, accounting } = jsonOf(end);
    expect(rows).toEqual([]);
    expect(accounting.objects).toEqual({ listed: 1, read: 1, skipped: 0, failed: 0 });
  });
});

describe.concurrent('what is no file', () => {
  test('a named pipe, a process substitution and a device are refused with the way out', async () => {
    const pipe = join(newFolder(), 'pipe');
    execFileSync('mkfifo', [pipe]);
    const named = await awsusage(['query', 'services', pipe]);
    const device = await awsusage(['query', 'services', '/dev/null']);
    const script = `"${process.execPath}" "${RUN_JS}" query services <(echo '${apiCall()}')`;
    const substituted = await startProgram('bash', ['-c', script]).ended;
    for (const end of [named, device, substituted]) {
      expect(end).toMatchObject({ code: 2, stdout: '', left: [] });
      expect(end.stderr).toMatch(/^Error: Cannot read \/.*: it is neither a folder nor a regular file$/m);
      expect(end.stderr).toContain('pipe the records in and give - as the source');
    }
  });
});

describe.concurrent('--quarantine', () => {
  const GOOD = apiCall();
  const BAD = '{"timestamp":"2026-10-01T06:00:00","service":tru}';

  test('keeps the bytes, and says of what, where and why', async () => {
    const source = newFolder({ 'logs/a.json': `${GOOD}\n${BAD}\n${GOOD}\n` });
    const kept = join(newFolder(), 'not', 'there', 'yet');
    const args = ['sql', COUNT, join(source, 'logs'), '--json', '--quarantine', kept];
    const end = await awsusage(args);
    expect(end.code).toBe(3);
    expect(firstValue(end)).toBe(2);
    expect(jsonOf(end).accounting.records).toMatchObject({ read: 3, kept: 2, quarantined: 1 });
    const lines = readFileSync(join(kept, 'quarantine.ndjson'), 'utf8').trimEnd().split('\n');
    const [entry] = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines).toHaveLength(1);
    expect(entry).toMatchObject({ object: 'a.json', offset: Buffer.byteLength(GOOD) + 1 });
    expect(entry?.['reason']).toMatch(/\w/);
    expect(readFileSync(join(kept, String(entry?.['file'])), 'utf8').trimEnd()).toBe(BAD);
    expect(readdirSync(kept)).toHaveLength(2);
  });

  test('a folder is made only when there is something to keep', async () => {
    const parent = newFolder({ 'a.json': GOOD });
    const end = await awsusage(['sql', COUNT, join(parent, 'a.json'), '--quarantine', join(parent, 'kept')]);
    expect(end.code).toBe(0);
    expect(readdirSync(parent)).toEqual(['a.json']);
  });

  test('a folder that cannot be written to', async () => {
    const source = newFolder({ 'a.json': `${GOOD}\n${BAD}\n` });
    const end = await awsusage(['sql', COUNT, source, '--quarantine', join(source, 'a.json')]);
    expect(end).toMatchObject({ code: 2, stdout: '', left: [] });
    expect(end.stderr).toContain(`Cannot keep what was put aside in ${source}/a.json`);
    expect(end.stderr).toContain('Give --quarantine a folder that can be written to.');
  });
});

describe.concurrent('duplicates', () => {
  test('count once, unless --no-dedupe', async () => {
    const twice = newFolder({ 'a.json': apiCall({ event_id: 'e1' }), 'b.json': apiCall({ event_id: 'e1' }) });
    const args = ['sql', COUNT, twice, '--json'];
    const once = jsonOf<JsonAnswer>(await awsusage(args));
    expect(once.accounting.records).toMatchObject({ read: 2, kept: 1, duplicate: 1 });
    const both = jsonOf<JsonAnswer>(await awsusage([...args, '--no-dedupe']));
    expect(both.accounting.records).toMatchObject({ read: 2, kept: 2, duplicate: 0 });
  });
});
