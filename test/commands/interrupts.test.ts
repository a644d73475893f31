import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { apiCall } from './made-calls.js';
import { hasPython, runOnTerminal } from './run-on-terminal.js';
import { BUCKET, newFolder, type RunOptions, RUN_JS, startAwsusage, startProgram } from './run-awsusage.js';

/** What the promise of "within a second" may take on a machine that does other things too. */
const SOON_MS = 2_000;

const ENDLESS_QUERY = 'select count(*) from range(100000000000) a, range(1000) b where a.range * b.range % 7 = 3';

/** Some seconds of reading in few bytes: members of a gzip file, over and over. */
let large: string;

beforeAll(() => {
  // Of hashes, since a body that unpacks to hundreds of times its size is refused.
  const hash = (index: number) => createHash('sha256').update(String(index)).digest('hex');
  const lines = Array.from({ length: 2_000 }, (_, index) =>
    apiCall({ event_id: hash(index), session_id: hash(-index) }),
  );
  const member = gzipSync(`${lines.join('\n')}\n`, { level: 1 });
  const file = Buffer.concat(Array.from({ length: 60 }, () => member));
  large = newFolder(Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`${index}.json.gz`, file])));
});

interface Interrupted {
  readonly code: number | null;
  readonly left: readonly string[];
  readonly stdout: string;
  readonly stderr: string;
  readonly tookMs: number;
}

/** Waits until the run has its folder, and a moment more, before it sends the signal. */
async function interrupt(args: readonly string[], signal: NodeJS.Signals, options: RunOptions): Promise<Interrupted> {
  const { child, ended, runFolder } = startAwsusage(args, options);
  while (runFolder() === undefined && child.exitCode === null) await setTimeout(20);
  await setTimeout(400);
  const before = performance.now();
  child.kill(signal);
  const end = await ended;
  return { ...end, tookMs: performance.now() - before };
}

describe('a signal ends a run within a second and leaves nothing behind', () => {
  test.each<[string, NodeJS.Signals, number, readonly string[], RunOptions]>([
    ['in the middle of a long read', 'SIGINT', 130, ['query', 'services', 'LARGE'], {}],
    ['in the middle of a long read by inspect', 'SIGTERM', 143, ['inspect', 'LARGE'], {}],
    ['waiting for standard input', 'SIGINT', 130, ['query', 'services', '-'], { input: { open: true } }],
    ['in the middle of a long query', 'SIGINT', 130, ['sql', ENDLESS_QUERY, BUCKET], {}],
    ['when the terminal is closed', 'SIGHUP', 129, ['sql', ENDLESS_QUERY, BUCKET, '-o', 'csv'], {}],
  ])('%s: %s is %d', async (_name, signal, code, args, options) => {
    const sources = args.map((arg) => (arg === 'LARGE' ? large : arg));
    const end = await interrupt(sources, signal, options);
    expect(end).toMatchObject({ code, left: [], stderr: '' });
    expect(end.tookMs).toBeLessThan(SOON_MS);
    expect(end.stdout).toBe('');
  });
});

test.each([
  ['a snapshot', ['snapshot', 'calls', '--by', 'operation', '--to', 'out/calls.json']],
  ['a report', ['report', 'calls', '--template', 'metering', '--to', 'out/r.md']],
])('Ctrl-C while %s is written leaves nothing beside it', async (_name, args) => {
  const text = 'x'.repeat(500);
  const lines = Array.from({ length: 20_000 }, (_, index) =>
    apiCall({ operation: `${text}${index}`, principal: text }),
  );
  const cwd = newFolder({ 'calls/a.json': lines.join('\n'), 'out/.keep': '' });
  const { child, ended } = startAwsusage(args, { cwd });
  while (readdirSync(join(cwd, 'out')).length === 1 && child.exitCode === null) await setTimeout(1);
  child.kill('SIGINT');
  expect(await ended).toMatchObject({ left: [], stderr: expect.not.stringContaining('Error') });
  expect(readdirSync(join(cwd, 'out')).filter((name) => name.endsWith('.tmp'))).toEqual([]);
});

describe('a reader that goes away', () => {
  const node = `"${process.execPath}" "${RUN_JS}"`;

  test.each(['table', 'csv', 'json'])('head -1 of a large answer as %s', async (output) => {
    const sql = `select r.range, a.* from api_calls a, range(500) r`;
    const script = `${node} sql "${sql}" ${BUCKET} -o ${output} | head -n 1 | wc -l; echo "\${PIPESTATUS[0]}"`;
    const end = await startProgram('bash', ['-c', script]).ended;
    expect(end.stdout.replaceAll(' ', '')).toBe('1\n0\n');
    expect(end).toMatchObject({ stderr: '', left: [] });
  });

  test('a reader of messages only: the answer is still given', async () => {
    const script = `${node} query services ${BUCKET} -o csv 2> >(true)`;
    const end = await startProgram('bash', ['-c', script]).ended;
    expect(end.code).toBe(0);
    expect(end.stdout.split('\r\n')).toHaveLength(1 + 5 + 1);
  });

  test('a full disk behind >', async () => {
    const script = `${node} query services ${BUCKET} > /dev/full; echo "code $?"`;
    const end = await startProgram('bash', ['-c', script]).ended;
    expect(end.stdout).toBe('code 2\n');
    expect(end.stderr).toMatch(/^Error: Cannot write the result: /);
    expect(end.left).toEqual([]);
  });
});

describe.skipIf(!hasPython())('on a terminal (python3 makes one)', () => {
  const CLEAR = '\r\x1b[2K';

  test('tables fit, and are in colour', async () => {
    for (const columns of [40, 133]) {
      const { output, code } = await runOnTerminal(['sql', 'from api_calls limit 3', BUCKET, '--quiet'], { columns });
      expect(code).toBe(0);
      expect(output).toContain('\x1b[1m');
      const lines = plain(output).split('\r\n');
      expect(lines.length).toBeGreaterThan(4);
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(columns);
    }
  });

  test.each<[string, string[], Record<string, string>]>([
    ['NO_COLOR', [], { NO_COLOR: '1' }],
    ['--no-color', ['--no-color'], {}],
    ['NO_COLOR and FORCE_COLOR', [], { NO_COLOR: '1', FORCE_COLOR: '1' }],
    ['a dumb terminal', [], { TERM: 'dumb' }],
  ])('%s: no escape at all', async (_name, flags, env) => {
    const { output } = await runOnTerminal(['query', 'services', BUCKET, '--quiet', ...flags], { columns: 80, env });
    expect(output).toContain('│');
    expect(output).not.toContain('\x1b');
    const wrong = await runOnTerminal(['query', 'nope', BUCKET, ...flags], { columns: 80, env });
    // Node itself may warn that one of the two variables is ignored.
    expect(wrong.output).toMatch(/^Error: There is no question/m);
  });

  test('progress is on stderr, and is gone at the end', async () => {
    const out = join(newFolder(), 'out.csv');
    const args = ['query', 'services', ...[1, 2, 3].map((index) => join(large, `${index}.json.gz`)), '-o', 'csv'];
    const { output, code } = await runOnTerminal(args, { columns: 100, stdout: out });
    expect(code).toBe(0);
    expect(readFileSync(out, 'latin1')).toMatch(/^service,[^\x1b]*\r\n$/);
    expect(output).toMatch(/reading · \d+ of 3 objects · [\d.]+ [kM]?B of [\d.]+ MB · [\d.]+ [kM]?B\/s/);
    const drawn = output.split(CLEAR);
    expect(drawn.length).toBeGreaterThan(2);
    for (const line of drawn.slice(0, -1)) expect(line.length).toBeLessThan(100);
    expect(drawn.at(-1)).toMatch(/^objects: 3 read/);
  });

  test('no progress with --quiet, in continuous integration, or for quick work', async () => {
    const slow = ['sql', 'select count(*) from range(200000000) where range % 7 = 3', BUCKET];
    const runs = [
      runOnTerminal([...slow, '--quiet'], { columns: 80 }),
      runOnTerminal(slow, { columns: 80, env: { CI: 'true' } }),
    ];
    for (const { output, code } of await Promise.all(runs)) {
      expect(code).toBe(0);
      expect(output).not.toContain(CLEAR);
    }
  });

  test('a long query says that it works; Ctrl-C clears the line and ends with 130', async () => {
    const { output, code } = await runOnTerminal(['sql', ENDLESS_QUERY, BUCKET], {
      columns: 80,
      pressCtrlCAfter: 'asking',
    });
    expect(code).toBe(130);
    expect(output).toContain(`${CLEAR}asking · `);
    expect(output.split(CLEAR).at(-1)).toMatch(/^(\^C)?$/);
  });
});

function plain(text: string): string {
  return text.replace(/\x1b\[\d+m/g, '');
}
