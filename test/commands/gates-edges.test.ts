import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { apiCall } from './made-calls.js';
import { merge, newSource } from './made-source.js';
import { awsusage, newFolder } from './run-awsusage.js';
import { startOwnS3 } from './s3-bucket.js';

const LINE = apiCall();
const folder = newFolder({
  'calls/a.json': `${LINE}\n${apiCall({ session_id: 'other', operation: 'PutObject' })}\n`,
  'broken/a.json': `${LINE}\n{"cut`,
  'merge.json': '[{"awsusage":"snapshot","version":1,"by":["service"],"counts":"none"}\n<<<<<<< HEAD\n]',
});
mkdirSync(join(folder, 'empty'));
symlinkSync('loop', join(folder, 'loop'));
const run = (args: readonly string[], env = {}) => awsusage(args, { cwd: folder, env });

describe.concurrent('a gate that saw nothing has not passed', () => {
  test.each([
    [['assert', 'empty', '--no-errors'], 1],
    [['assert', 'empty', '--no-errors', '--allow-empty'], 0],
    [['assert', 'calls', '--no-errors', '--service', 'nope'], 1],
    [['assert', 'nowhere', '--no-errors', '--allow-empty'], 2],
    [['snapshot', 'empty'], 2],
    [['snapshot', 'empty', '--allow-empty'], 0],
    [['snapshot', 'calls', '--service', 'nope', '--check', 'none.json'], 1],
    [['diff', 'empty', 'empty', '--exit-code'], 2],
    [['diff', 'calls', 'empty', '--exit-code'], 1],
    [['diff', 'calls', 'calls#session=nope'], 2],
  ])('%j ends with %i', async (args, code) => {
    const end = await run(args);
    expect({ code: end.code, left: end.left }).toEqual({ code, left: [] });
    expect(existsSync(join(folder, 'none.json'))).toBe(false);
  });
});

describe('a gate that could not read all has not passed', () => {
  test('assert says so, and so do its tests', async () => {
    const end = await run(['assert', 'broken', '--max-calls', '5', '--output', 'tap']);
    expect(end.code).toBe(3);
    expect(end.stdout).toContain('not ok 1 - all of the capture was read\n');
    expect(end.stdout).toContain('ok 2 - at most 5 calls\n');
    expect((await run(['assert', 'broken', '--max-calls', '0'])).code).toBe(1);
    expect((await run(['assert', 'broken', '--max-calls', '5', '--allow-partial'])).code).toBe(0);
  });

  test('no snapshot is made of a part, and none compared with it passes', async () => {
    expect(await run(['snapshot', 'broken', '--to', 'part.json'])).toMatchObject({ code: 3, stdout: '' });
    expect(existsSync(join(folder, 'part.json'))).toBe(false);
    expect((await run(['snapshot', 'broken', '--to', 'part.json', '--allow-partial'])).code).toBe(0);
    const before = readFileSync(join(folder, 'part.json'), 'utf8');
    const end = await run(['snapshot', 'broken', '--check', 'part.json']);
    expect(end.code).toBe(3);
    expect(end.stderr).toMatch(/What could be read are calls of part\.json, but not all could be read\.\n$/);
    expect((await run(['snapshot', 'broken', '--check', 'part.json', '--update'])).code).toBe(3);
    expect((await run(['snapshot', 'calls', '--check', 'part.json'])).code).toBe(1);
    expect(readFileSync(join(folder, 'part.json'), 'utf8')).toBe(before);
    expect((await run(['diff', 'broken', 'part.json', '--exit-code'])).code).toBe(3);
  });
});

describe.concurrent('what cannot be meant is told', () => {
  test.each([
    [['snapshot', 'calls', '--to', 'x', '--check', 'y'], 'Both --to and --check were given'],
    [['snapshot', 'calls', '--update'], '--update was given without --check'],
    [['snapshot', 'calls', '--to', 's3://b/x.json'], 'A snapshot is a file to commit'],
    [['snapshot', 'calls', '--to', 'no/x.json'], 'Cannot write no/x.json: its folder is not there'],
    [['snapshot', 'calls', '--to', 'calls'], 'Cannot write calls: it is a folder'],
    [['snapshot', 'calls', '--to', '-'], '- is no place for a snapshot'],
    [['snapshot', 'calls', '--check', 'merge.json'], 'merge.json is no snapshot that can be read: line 2, column 1'],
    [['snapshot', 'calls', '--check', 'calls'], 'calls is no file'],
    [['snapshot', 'calls', '--by', 'servcie'], 'Did you mean service?'],
    [['diff', 'calls'], 'Two sides are compared, BASE and HEAD; given was 1'],
    [['diff', 'calls', 'calls', 'calls'], 'given were 3'],
    [['diff', 'calls', 'calls', '--tolerance', '10'], '--tolerance cannot be read'],
    [['diff', 'calls', 'calls', '--dry-run', '--json'], 'Cannot print what would be read of two sides'],
    [['assert', 'calls'], 'No expectation was given'],
    [['assert', 'calls', '--expect', 's3:* Bucket'], 'Cannot read --expect at column 12: expected one of'],
    [['assert', 'calls', '--expect', 's3:* Bucket~('], 'has the expression "("'],
    [
      ['snapshot', 'calls', '--check', 'loop'],
      'Cannot read the snapshot loop: its symbolic links go round in a circle',
    ],
    [
      ['assert', 'calls', '--file', 'loop'],
      'Cannot read expectations from loop: its symbolic links go round in a circle',
    ],
    [['assert', 'calls', '--file', 'nope.yml'], 'Cannot read expectations from nope.yml: there is no such file'],
  ])('%j', async (args, problem) => {
    const end = await run(args);
    expect(end).toMatchObject({ code: 2, stdout: args.includes('--json') ? expect.any(String) : '' });
    expect(end.stderr).toContain(problem);
  });

  test('a snapshot that is none any more: its way out makes a new one', async () => {
    const [header, kind] = ['{"awsusage":"snapshot","version":1,"by":["service"],"counts":"none"}', '{"service":"s3"}'];
    writeFileSync(join(folder, 'twice.json'), `[${header},${kind},${kind}]`);
    const end = await run(['snapshot', 'calls', '--check', 'twice.json', '--update']);
    expect(end.code).toBe(2);
    expect(end.stderr).toContain('made over it with awsusage snapshot SOURCE --to FILE.');
    expect((await run(['snapshot', 'calls', '--to', 'twice.json', '--by', 'service'])).code).toBe(0);
    expect((await run(['snapshot', 'calls', '--check', 'twice.json'])).code).toBe(0);
  });

  test('a snapshot made by other dimensions', async () => {
    expect((await run(['snapshot', 'calls', '--to', 'by.json', '--by', 'service'])).code).toBe(0);
    const other = await run(['snapshot', 'calls', '--check', 'by.json', '--by', 'service,operation']);
    expect([other.code, other.stderr]).toEqual([2, expect.stringContaining('by.json was made with --by service')]);
    expect((await run(['diff', 'by.json', 'calls', '--by', 'operation'])).code).toBe(2);
    expect((await run(['diff', 'by.json', 'calls', '--exit-code'])).code).toBe(0);
    const anew = await run(['snapshot', 'calls', '--check', 'by.json', '--by', 'service,operation', '--update']);
    expect(anew.code).toBe(0);
    expect(readFileSync(join(folder, 'by.json'), 'utf8')).toContain('"by":["service","operation"]');
  });

  test('a rule of the configuration that cannot be used', async () => {
    const rule = (pattern: string) => ({ snapshots: { rules: [{ name: 'own', pattern, replacement: '<own>' }] } });
    const place = newFolder({ 'calls/a.json': apiCall({ operation: 'Get-17' }) });
    writeFileSync(join(place, 'awsusage.config.json'), JSON.stringify(rule('(')));
    expect((await awsusage(['snapshot', 'calls'], { cwd: place })).stderr).toContain('The pattern of the rule "own"');
    writeFileSync(join(place, 'awsusage.config.json'), JSON.stringify(rule('[0-9]+$')));
    expect((await awsusage(['snapshot', 'calls'], { cwd: place })).stdout).toContain('"operation":"Get-<own>"');
    const { stdout } = await awsusage(['snapshot', '--print-rules', '--output', 'csv'], { cwd: place });
    expect(stdout.split('\r\n')[1] ?? stdout.split('\n')[1]).toContain('own,configuration,[0-9]+$,<own>');
  });
});

test('filters are for calls: that a snapshot is compared whole is said', async () => {
  await run(['snapshot', 'calls', '--by', 'service', '--to', 'whole.json']);
  const said = 'whole.json is a snapshot and compared whole: --service, --errors-only is for the other side';
  const end = await run(['diff', 'whole.json', 'calls', '--service', 's3', '--errors-only']);
  expect(end.stderr.split('\n')).toContain(said);
  expect((await run(['diff', 'whole.json', 'calls'])).stderr).not.toContain('compared whole');
});

test('sides may be sessions of one source', async () => {
  const sides = ['calls#session=f00dfeed-0000-4000-8000-000000000001', 'calls#session=other'];
  const { stdout, code } = await run(['diff', ...sides, '-o', 'csv', '--exit-code']);
  expect(code).toBe(1);
  expect(stdout).toMatch(/^removed,s3,GetObject,1,/m);
  expect(stdout).toMatch(/^added,s3,PutObject,,,,1,/m);
});

test('a merged table has the snapshot of its source', async () => {
  const cwd = newSource();
  await merge(cwd);
  const made = await awsusage(['snapshot', 'json-data', '--to', 'calls.json', '--counts', 'exact'], { cwd });
  expect(made.code).toBe(0);
  const same = await awsusage(['snapshot', 'json-data-compacted', '--check', 'calls.json'], { cwd });
  expect([same.code, same.stdout]).toEqual([0, '']);
});

test('a bucket has the snapshot of a folder of the same objects', async () => {
  const own = await startOwnS3();
  try {
    own.s3.put('logs', 'calls/a.json', readFileSync(join(folder, 'calls/a.json')));
    const file = join(folder, 'bucket.json');
    expect((await own.ask(['snapshot', 's3://logs/calls/', '--to', file])).code).toBe(0);
    expect((await run(['snapshot', 'calls', '--check', 'bucket.json'])).code).toBe(0);
    expect((await own.ask(['diff', 's3://logs/calls/', join(folder, 'calls'), '--exit-code'])).code).toBe(0);
    expect((await own.ask(['assert', 's3://logs/calls/', '--expect', 's3:PutObject = 1'])).code).toBe(0);
    expect((await own.ask(['assert', 's3://logs/none/', '--no-errors', '--allow-empty'])).code).toBe(0);
    expect((await own.ask(['assert', 's3://logs/none/', '--no-errors'])).code).toBe(1);
  } finally {
    await own.s3.close();
  }
});
