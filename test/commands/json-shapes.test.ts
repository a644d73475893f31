import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { jsonOf } from './answer.js';
import { readSchema, shapeFaults } from './documented-shape.js';
import { AT_ONCE, MADE_KEYS, madeSource, newSource } from './made-source.js';
import { awsusage, BUCKET, type Ended, newFolder, ROOT, startAwsusage } from './run-awsusage.js';
import { type OwnS3, startOwnS3 } from './s3-bucket.js';

interface Manifest {
  readonly commands: Readonly<Record<string, { readonly flags: Readonly<Record<string, unknown>> }>>;
}

const manifest = JSON.parse(readFileSync(join(ROOT, 'oclif.manifest.json'), 'utf8')) as Manifest;
const COMMANDS = Object.entries(manifest.commands)
  .filter(([, { flags }]) => 'json' in flags)
  .map(([id]) => id.replaceAll(':', ' '));

const SOME_BROKEN = `{"a":1\n${madeCalls()}`;
const PARTIAL = newFolder({ 'a.json': SOME_BROKEN });
const CUT_SOURCE = { 'year=2026/month=10/day=01/hour=08/cut.json.gz': Buffer.from([0x1f, 0x8b, 8, 0]) };

let own: OwnS3;
beforeAll(async () => {
  own = await startOwnS3();
  own.s3.createBucket('logs');
  for (const [key, body] of Object.entries(madeSource())) own.s3.put('logs', `json-data/${key}`, body);
});
afterAll(() => own.s3.close());

/** What a run of a command printed, which has to be as documented, has to begin with the version, and may be nothing else. */
function documentOf(command: string, end: Ended, code: number): Readonly<Record<string, unknown>> {
  expect({ code: end.code, stderr: end.code === code ? '' : end.stderr }).toEqual({ code, stderr: '' });
  const document = jsonOf<Readonly<Record<string, unknown>>>(end);
  expect(shapeFaults(command, document)).toEqual([]);
  expect(Object.keys(document)[0]).toBe('version');
  return document;
}

test('every command that has --json has a schema, and every schema a command', () => {
  expect(COMMANDS.length).toBeGreaterThan(8);
  const schemas = readdirSync(join(ROOT, 'dist/schemas')).map((name) => name.replace(/\.json$/, ''));
  expect(schemas.sort()).toEqual(COMMANDS.map((command) => command.replaceAll(' ', '-')).sort());
  for (const command of COMMANDS) expect(readSchema(command)['title']).toBe(`awsusage ${command} --json`);
});

test('schema prints the schema of a command, and says which there are', async () => {
  for (const command of ['query', 'compact status']) {
    const end = await awsusage(['schema', ...command.split(' ')]);
    expect({ ...end, stdout: JSON.parse(end.stdout) as unknown }).toMatchObject({
      code: 0,
      stdout: readSchema(command),
      stderr: '',
    });
  }
  for (const words of [[], ['qury'], ['../schemas/query'], ['query.json'], ['query', '--nope']]) {
    const end = await awsusage(['schema', ...words]);
    expect(end).toMatchObject({ code: 2, stdout: '' });
  }
  expect((await awsusage(['schema', 'qury'])).stderr).toContain('Did you mean awsusage schema query?');
});

test('a shape that is not documented is found', () => {
  const error = { code: 'usage', exitCode: 2, message: 'm', wayOut: [] };
  expect(shapeFaults('query', { version: 1, error })).toEqual([]);
  const wrong = [
    { error },
    { version: 2, error },
    { version: 1, error: { ...error, exitCode: '2' } },
    { version: 1, error: { ...error, more: 1 } },
    { version: 1, error, more: 1 },
    { version: 1 },
  ];
  for (const document of wrong) expect(shapeFaults('query', document)).not.toEqual([]);
});

test('a schema lets programs of users take what is added to the shape', () => {
  for (const command of COMMANDS) {
    const text = JSON.stringify(readSchema(command));
    expect(text).not.toContain('"additionalProperties":false');
    expect(text).not.toContain('unevaluatedProperties');
  }
});

describe.concurrent('as documented is', () => {
  test.each(COMMANDS)('what is said of wrong usage: %s', async (command) => {
    const end = await awsusage([...command.split(' '), '--json', '--no-such-flag']);
    expect(documentOf(command, end, 2)).toHaveProperty('error.code', 'usage');
  });

  test('an answer, and one of everything that DuckDB has', async () => {
    documentOf('query', await awsusage(['query', 'sessions-per-day', BUCKET, '--json']), 0);
    const every = `select 1 as i, 1.50 as d, 0.5::double as f, 'nan'::double as n, true as b, now()::timestamp as t,
      date '2026-10-01' as day, [1, 2] as l, {'a': null} as s, null as nothing, 2::hugeint ** 100 as h, 'x' as i`;
    documentOf('sql', await awsusage(['sql', every, BUCKET, '--json']), 0);
    documentOf('sql', await awsusage(['sql', 'select 1 where false', BUCKET, '--json']), 0);
  });

  test('every question, all in one answer', async () => {
    const names = readdirSync(join(ROOT, 'src/queries')).filter((name) => name.endsWith('.sql'));
    const questions = names.map((name) => name.replace(/\.sql$/, '')).join();
    const answers = documentOf('query', await awsusage(['query', questions, BUCKET, '--json']), 0);
    expect(answers).toHaveProperty(['queries', 'length'], names.length);
  });

  test('an incomplete answer', async () => {
    documentOf('query', await awsusage(['query', 'services', PARTIAL, '--json']), 3);
    documentOf('query', await awsusage(['query', 'services', PARTIAL, '--json', '--allow-partial']), 0);
    documentOf('sql', await awsusage(['sql', 'select 1', PARTIAL, '--json']), 3);
    documentOf('inspect', await awsusage(['inspect', PARTIAL, '--json']), 3);
  });

  test('a source that cannot be used, and SQL that cannot be answered', async () => {
    for (const args of [
      ['query', 'services', 'no-such-folder'],
      ['sql', 'select nothing_of_the_kind from api_calls', BUCKET],
      ['inspect', 'no-such-folder'],
      ['compact', 'no-such-folder'],
    ])
      expect(documentOf(args[0]!, await awsusage([...args, '--json']), 2)).toHaveProperty('error.exitCode', 2);
  });

  test.each([
    ['query', ['services']],
    ['sql', ['select 1']],
    ['inspect', []],
  ])('what would be read: %s', async (command, args) => {
    documentOf(command, await awsusage([command, ...args, BUCKET, '--dry-run', '--json']), 0);
    documentOf(command, await awsusage([command, ...args, PARTIAL, '--dry-run', '--json']), 0);
    const far = await own.ask([command, ...args, 's3://logs/json-data/', '--dry-run', '--json']);
    expect(documentOf(command, far, 0)).toHaveProperty('requests');
  });

  test('an answer from a bucket, which counts requests', async () => {
    const end = await own.ask(['query', 'services', 's3://logs/json-data/', '--json']);
    expect(documentOf('query', end, 0)).toHaveProperty('accounting.requests');
  });

  test('what is in a source', async () => {
    documentOf('inspect', await awsusage(['inspect', BUCKET, 'fixtures/cloudtrail-bucket', '--json']), 0);
    documentOf('inspect', await own.ask(['inspect', 's3://logs/json-data/', '--json']), 0);
  });

  test('what -o json prints of several tables', async () => {
    documentOf('inspect', await awsusage(['inspect', BUCKET, '-o', 'json']), 0);
  });
});

describe.concurrent('as documented is, of a folder', () => {
  test('what is merged, verified, and removed, from a plan to the trash', async () => {
    const cwd = newSource({ '.hidden': 'x', 'empty.json': '' });
    const run = async (args: readonly string[]): Promise<Ended> => awsusage([...args, '--json'], { cwd });
    documentOf('compact', await run(['compact', 'json-data', '--dry-run']), 0);
    documentOf('compact', await run(['compact', 'json-data', '--dry-run', ...AT_ONCE]), 0);
    documentOf('compact status', await run(['compact', 'status', 'json-data']), 0);
    const merged = documentOf('compact', await run(['compact', 'json-data', ...AT_ONCE]), 0);
    expect(merged).toHaveProperty('slots.length', 2);
    documentOf('compact', await run(['compact', 'json-data', '--verify']), 0);
    documentOf('compact status', await run(['compact', 'status', 'json-data-compacted']), 0);
    const now = ['--grace', '0', '--force'];
    documentOf('compact gc', await run(['compact', 'gc', 'json-data']), 0);
    expect(documentOf('compact gc', await run(['compact', 'gc', 'json-data', ...now]), 0)).toHaveProperty(
      'gc.0.to_be_removed',
      5,
    );
    expect(documentOf('compact gc', await run(['compact', 'gc', 'json-data', ...now, '--yes']), 0)).toHaveProperty(
      'gc.0.removed',
      5,
    );
    documentOf('compact gc', await run(['compact', 'gc', 'json-data', ...now, '--yes']), 0);
    documentOf('query', await run(['query', 'services', 'json-data', 'json-data-compacted']), 0);
  });

  test('what was not merged, and a table with a file too few', async () => {
    const cwd = newSource(CUT_SOURCE);
    const run = async (args: readonly string[]): Promise<Ended> => awsusage([...args, '--json'], { cwd });
    const outcome = documentOf('compact', await run(['compact', 'json-data', ...AT_ONCE]), 3);
    expect(outcome).toHaveProperty('failed.length', 1);
    rmSync(join(cwd, 'json-data-compacted', 'year=2026/month=10/day=01/hour=06/c-00000001.parquet'));
    const verified = documentOf('compact', await run(['compact', 'json-data', '--verify']), 3);
    expect(verified).toHaveProperty('problems.length', 1);
    rmSync(join(cwd, 'json-data', MADE_KEYS[3]!));
    documentOf('compact status', await run(['compact', 'status', 'json-data', '--allow-partial']), 0);
    const removal = ['compact', 'gc', 'json-data', '--grace', '0', '--force', '--yes'];
    documentOf('compact gc', await run(removal), 3);
  });
});

test('as documented is what is merged, verified, and tagged in a bucket', async () => {
  const source = 's3://logs/json-data/';
  const run = async (...args: readonly string[]): Promise<Ended> => own.ask([...args, '--json']);
  documentOf('compact', await run('compact', source, '--dry-run', ...AT_ONCE), 0);
  documentOf('compact', await run('compact', source, ...AT_ONCE), 0);
  documentOf('compact status', await run('compact', 'status', source), 0);
  documentOf('compact', await run('compact', source, '--verify'), 0);
  const tag = ['compact', 'gc', source, '--grace', '0', '--force', '--tag', 'awsusage=merged'];
  documentOf('compact gc', await run(...tag), 0);
  documentOf('compact gc', await run(...tag, '--yes'), 0);
});

test('as documented is what is in the cache', async () => {
  const folder = join(newSource(), 'json-data');
  const env = { AWSUSAGE_CACHE: 'on', XDG_CACHE_HOME: newFolder() };
  const run = async (...args: readonly string[]): Promise<Ended> => awsusage([...args, '--json'], { env });
  documentOf('cache', await run('cache'), 0);
  documentOf('cache fill', await run('cache', 'fill', folder), 0);
  documentOf('cache fill', await run('cache', 'fill', BUCKET), 0);
  documentOf('cache status', await run('cache', 'status'), 0);
  expect(documentOf('cache', await run('cache'), 0)).toHaveProperty('cache.length', 2);
  const answer = documentOf('query', await run('query', 'services', BUCKET), 0);
  expect(answer).toHaveProperty('accounting.objects.cached', 21);
  documentOf('cache fill', await run('cache', 'fill', 'no-such-folder'), 2);
});

test('as documented is each run of --watch', async () => {
  const cwd = newSource();
  const { child, ended } = startAwsusage(['compact', 'json-data', ...AT_ONCE, '--watch', '1s', '--json'], { cwd });
  let seen = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    seen += chunk.toString();
    if (seen.split('\n{').length === 2) child.kill('SIGTERM');
  });
  const { code, stdout } = await ended;
  const documents = stdout.split(/(?<=\n\}\n)/);
  expect(code).toBe(0);
  expect(documents.length).toBeGreaterThan(1);
  for (const document of documents) expect(shapeFaults('compact', JSON.parse(document))).toEqual([]);
});

function madeCalls(): string {
  return readFileSync(join(ROOT, BUCKET, 'json-data/year=2026/month=10/day=01/hour=06', firstOf('hour=06')), 'utf8');
}

function firstOf(hour: string): string {
  return readdirSync(join(ROOT, BUCKET, 'json-data/year=2026/month=10/day=01', hour))[0]!;
}
