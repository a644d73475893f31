import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { githubCommandsIn } from '../output/ci-commands.js';
import { jsonOf } from './answer.js';
import { apiCall } from './made-calls.js';
import { AT_ONCE, newSource } from './made-source.js';
import { awsusage, BUCKET, type Ended, newFolder, RUN_JS, type RunOptions, startProgram } from './run-awsusage.js';

const ON_GITHUB = { GITHUB_ACTIONS: 'true', CI: 'true' };

function onGithub(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  return awsusage(args, { ...options, env: { ...ON_GITHUB, ...options.env } });
}

/** What the runner makes of all that a step prints, on both streams. */
function annotationsOf({ stdout, stderr }: Ended): unknown {
  return [stdout, stderr]
    .flatMap(githubCommandsIn)
    .map(({ name, properties, data }) => ({ name, ...properties, data }));
}

const PARTIAL = newFolder({ 'a.json': `${apiCall()}\n{"service":\n${apiCall()}\n` });

describe.concurrent('a workflow of GitHub Actions is annotated', () => {
  test('with what went wrong, and with the way out', async () => {
    const end = await onGithub(['query', 'servces', BUCKET]);
    expect(end).toMatchObject({ code: 2, stdout: '' });
    const said = end.stderr.split('\n').filter((line) => line !== '' && !line.startsWith('::'));
    const lines = said.map((line) => line.replace(/^(Error: | {2})/, ''));
    expect(annotationsOf(end)).toEqual([{ name: 'error', title: 'awsusage: usage', data: lines.join('\n') }]);
    expect(lines[0]).toBe('There is no question called "servces"');
  });

  test('with --json and with --quiet, too, while stdout stays the result', async () => {
    const end = await onGithub(['query', 'services', 'no-such-folder', '--json', '--quiet']);
    const { error } = jsonOf<{ error: { message: string; wayOut: string[] } }>(end);
    const data = [error.message, ...error.wayOut].join('\n');
    expect(annotationsOf(end)).toEqual([{ name: 'error', title: 'awsusage: usage', data }]);
  });

  test('with what an incomplete answer lacks', async () => {
    const end = await onGithub(['query', 'services', PARTIAL, '-o', 'csv']);
    expect(end).toMatchObject({
      code: 3,
      stdout: 'service,operations,number_of_sessions,calls,errors\r\ns3,1,1,2,0\r\n',
    });
    const [annotation, ...others] = annotationsOf(end) as { name: string; title: string; data: string }[];
    expect(others).toEqual([]);
    expect(annotation).toMatchObject({ name: 'warning', title: 'awsusage: incomplete' });
    expect(annotation?.data.split('\n')[0]).toContain('2 kept, 0 duplicate, 0 filtered, 1 quarantined');
    expect(annotation?.data).toContain('\nThe answer is incomplete');
  });

  test.each([
    ['--allow-partial', 0],
    ['--quiet', 3],
  ])('with no warning where %s was given', async (flag, code) => {
    const end = await onGithub(['query', 'services', PARTIAL, flag]);
    expect(end.code).toBe(code);
    expect(annotationsOf(end)).toEqual([]);
  });

  test('with what could not be merged, and what is wrong with a table', async () => {
    const key = 'year=2026/month=10/day=01/hour=08/cut.json.gz';
    const cwd = newSource({ [key]: Buffer.from([0x1f, 0x8b, 8, 0]) });
    const ends: Ended[] = [];
    for (const args of [
      ['json-data', ...AT_ONCE],
      ['status', 'json-data'],
      ['json-data', '--verify'],
    ])
      ends.push(await onGithub(['compact', ...args], { cwd }));
    expect(ends.map(({ code }) => code)).toEqual([3, 0, 0]);
    expect(annotationsOf(ends[0]!)).toEqual([
      { name: 'warning', title: 'awsusage: incomplete', data: expect.stringContaining(`failed: ${key}`) as string },
    ]);
    expect(ends.slice(1).map(annotationsOf)).toEqual([[], []]);
  });
});

describe.concurrent('a gate that fails is annotated', () => {
  const EVIL = '\n::error title=evil::##[add-mask]e';
  const folder = newFolder({
    'calls/a.json': apiCall({ operation: `Get${EVIL}` }),
    'others/a.json': apiCall({ operation: 'PutObject' }),
    'calls.snapshot.json': '[{"awsusage":"snapshot","version":1,"by":["service"],"counts":"none"}\n]\n',
    'evil.json': JSON.stringify([{ name: `evil${EVIL}`, deny: 's3:*' }]),
    'gate.yml': `
title: Gate
sections:
  - { title: Calls, sql: 'select sum(calls) as calls from api_calls', show: number, figures: { calls: calls } }
`,
  });
  const run = (args: readonly string[]) => onGithub(args, { cwd: folder });
  const data = (text: string): unknown => [
    { name: 'error', title: 'awsusage: gate', data: expect.stringContaining(text) as string },
  ];

  test.each([
    [['assert', 'calls', '--max-calls', '0'], '1 of 1 expectation not met\nat most 0 calls: 1 call, wanted <= 0'],
    [['assert', 'calls', '--file', 'evil.json'], '1 of 1 expectation not met\nevil\\n'],
    [['snapshot', 'calls', '--check', 'calls.snapshot.json'], '1 added.\nWhere that is meant: awsusage snapshot calls'],
    [['diff', 'calls', 'others', '--exit-code'], 'Calls differ: 1 added, 1 removed'],
    [['report', 'calls', '--template', './gate.yml', '--fail-on', 'calls > 0'], 'failed: calls > 0'],
  ])('%j', async (args, text) => {
    const end = await run(args);
    expect(end.code).toBe(1);
    expect(annotationsOf(end)).toEqual(data(text));
    const quiet = await run([...args, '--quiet']);
    expect([quiet.code, annotationsOf(quiet)]).toEqual([1, []]);
  });

  test('and a difference that nobody asked to fail is not', async () => {
    const end = await run(['diff', 'calls', 'others']);
    expect([end.code, annotationsOf(end)]).toEqual([0, []]);
  });

  test.each([
    ['assert', 'calls', '--no-errors', '--max-calls', '0'],
    ['diff', 'calls', 'others', '--exit-code'],
    ['snapshot', 'calls', '--check', 'calls.snapshot.json'],
    ['report', 'calls', '--template', './gate.yml', '--fail-on', 'calls > 0'],
  ])('%s fails when nobody reads what it prints', async (...args) => {
    const words = [process.execPath, RUN_JS, ...args].map((word) => `'${word}'`).join(' ');
    const script = `${words} 2>/dev/null | (exec <&-; cat /dev/null); echo "\${PIPESTATUS[0]}"`;
    expect((await startProgram('bash', ['-c', script], { cwd: folder }).ended).stdout).toBe('1\n');
  });
});

describe.concurrent('a workflow of GitHub Actions is not annotated', () => {
  test('where all is well', async () => {
    for (const args of [['query', 'services', BUCKET], ['--help'], ['query', 'services', '--help'], ['--version']]) {
      const end = await onGithub(args);
      expect(end.code).toBe(0);
      expect(annotationsOf(end)).toEqual([]);
    }
  });

  test.each([{}, { CI: 'true' }, { GITHUB_ACTIONS: '' }, { GITHUB_ACTIONS: 'false' }])('elsewhere: %j', async (env) => {
    const wrong = await awsusage(['query', 'nope', BUCKET], { env });
    const incomplete = await awsusage(['query', 'services', PARTIAL], { env });
    expect([wrong.code, incomplete.code]).toEqual([2, 3]);
    for (const { stdout, stderr } of [wrong, incomplete]) expect(`${stdout}${stderr}`).not.toContain('::');
  });
});

describe.concurrent('nobody else gives a workflow commands', () => {
  const EVIL = '\n::stop-commands::x\n::error title=evil::##[add-mask]e\r::set-output name=a::b';

  test('through an error that quotes a value', async () => {
    const folder = newFolder({ 'a.json': apiCall({ operation: EVIL }) });
    const end = await onGithub(['sql', 'select error(operation) from api_calls', folder]);
    expect(end.code).toBe(2);
    expect(end.stderr).toContain('stop-commands');
    const annotations = annotationsOf(end) as { name: string; title: string }[];
    expect(annotations.map(({ name, title }) => [name, title])).toEqual([['error', 'awsusage: usage']]);
  });

  test('through a name of a file, in a warning', async () => {
    const name = '\n::error title=evil::x ##[add-mask]e.json';
    const folder = newFolder({ [name]: '{"broken":\n{"broken":' });
    const end = await onGithub(['query', 'services', folder]);
    expect(end.code).toBe(3);
    const annotations = annotationsOf(end) as { name: string; title: string }[];
    expect(annotations.map(({ title }) => title)).toEqual(['awsusage: incomplete']);
  });

  test('through what is asked for: a question, a source, a flag', async () => {
    const commands = [[EVIL], ['query', EVIL], ['query', 'services', EVIL], ['query', 'services', `--${EVIL}`]];
    for (const args of commands) {
      const annotations = annotationsOf(await onGithub(args)) as { title: string }[];
      expect(annotations.map(({ title }) => title)).toEqual(['awsusage: usage']);
    }
  });

  test.each(['table', 'markdown', 'csv', 'json', 'ndjson'])('through values: %s', async (output) => {
    const folder = newFolder({
      'a.json': ['##[error]x', '::error::x', EVIL, '\t::debug::x']
        .map((operation) => apiCall({ operation }))
        .join('\n'),
    });
    const end = await onGithub(['sql', 'select operation from api_calls', folder, '-o', output]);
    expect(end.code).toBe(0);
    expect(annotationsOf(end)).toEqual([]);
    expect(end.stdout).toContain('stop-commands');
  });
});

test('colons, commas and per cent signs come through as they are', async () => {
  const place = join('no', 'such:place,100%');
  const end = await onGithub(['query', 'services', place]);
  expect(annotationsOf(end)).toEqual([
    { name: 'error', title: 'awsusage: usage', data: expect.stringContaining(place) as string },
  ]);
});
