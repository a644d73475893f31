import { createWriteStream, existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { writeStdout } from '../../src/cli/write-stdout.js';
import { UserError } from '../../src/errors.js';
import { start } from './child-process.js';
import { compileSource } from './compiled-source.js';

let source: Awaited<ReturnType<typeof compileSource>>;

beforeAll(async () => {
  source = await compileSource();
});

afterAll(async () => {
  await rm(source.folder, { recursive: true });
});

async function* repeat(chunk: string, times: number): AsyncGenerator<string> {
  for (let index = 0; index < times; index += 1) yield chunk;
}

it('writes every chunk before it resolves', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'awsusage-test-write-'));
  const path = join(folder, 'out');
  expect(await writeStdout(repeat('häl\n', 50_000), createWriteStream(path))).toBe('written');
  expect(await readFile(path, 'utf8')).toBe('häl\n'.repeat(50_000));
  await rm(folder, { recursive: true });
});

it('asks for the next chunk only when the last one is taken', async () => {
  let made = 0;
  let taken = 0;
  let ahead = 0;
  async function* make(): AsyncGenerator<string> {
    while (made < 100) {
      made += 1;
      ahead = Math.max(ahead, made - taken);
      yield 'x'.repeat(100_000);
    }
  }
  const slow = new Writable({
    write(_chunk, _encoding, done) {
      setImmediate(() => {
        taken += 1;
        done();
      });
    },
  });
  expect(await writeStdout(make(), slow)).toBe('written');
  expect(taken).toBe(100);
  expect(ahead).toBe(1);
});

it('passes on the error of what makes the chunks', async () => {
  async function* fail(): AsyncGenerator<string> {
    yield 'a';
    throw new Error('engine failed');
  }
  const sink = new Writable({ write: (_chunk, _encoding, done) => done() });
  await expect(writeStdout(fail(), sink)).rejects.toThrow('engine failed');
});

it('stops what makes the chunks when the stream is gone', async () => {
  const sink = new Writable({ write: (_chunk, _encoding, done) => done() });
  sink.destroy();
  let stopped = false;
  async function* endless(): AsyncGenerator<string> {
    try {
      for (;;) yield 'x';
    } finally {
      stopped = true;
    }
  }
  expect(await writeStdout(endless(), sink)).toBe('closed');
  expect(stopped).toBe(true);
});

it.skipIf(!existsSync('/dev/full'))('says that the disk behind the output is full', async () => {
  const error: unknown = await writeStdout(repeat('x', 1), createWriteStream('/dev/full')).catch(
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(UserError);
  expect((error as UserError).message).toMatch(/^Cannot write the result: ENOSPC/);
});

it('ends quietly behind head', async () => {
  const script = await source.write(
    'rows.js',
    `import { writeStdout } from './cli/write-stdout.js';
     async function* rows() { for (let i = 0; ; i += 1) yield 'row ' + i + '\\n'; }
     process.stderr.write(await writeStdout(rows(), process.stdout));`,
  );
  const command = `"${process.execPath}" "${script}" | head -n 3; echo "\${PIPESTATUS[0]}"`;
  const end = await start('bash', ['-c', command]).ended;
  expect(end.stdout).toBe('row 0\nrow 1\nrow 2\n0\n');
  expect(end.stderr).toBe('closed');
});

it('loses nothing in a pipe that is read slowly', async () => {
  const script = await source.write(
    'many.js',
    `import { writeStdout } from './cli/write-stdout.js';
     async function* rows() { for (let i = 0; i < 200; i += 1) yield 'x'.repeat(9999) + '\\n'; }
     await writeStdout(rows(), process.stdout);
     process.exit(0);`,
  );
  const end = await start('bash', ['-c', `"${process.execPath}" "${script}" | (sleep 0.3; wc -c)`]).ended;
  expect(Number(end.stdout)).toBe(2_000_000);
});
