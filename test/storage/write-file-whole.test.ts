import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { expectFilePlace, writeFileWhole } from '../../src/storage/write-file-whole.js';

const FOLDER = mkdtempSync(join(tmpdir(), 'awsusage-write-'));
afterAll(() => rmSync(FOLDER, { recursive: true }));

const write = (name: string, text: string): Promise<void> =>
  writeFileWhole({ path: join(FOLDER, name), name, bytes: Buffer.from(text), newName: 'new-1' });

test('a file is written over the one that was there, and what a link points to is, too', async () => {
  writeFileSync(join(FOLDER, 'old.txt'), 'old');
  symlinkSync('old.txt', join(FOLDER, 'link.txt'));
  await write('old.txt', 'new');
  await write('link.txt', 'newer');
  expect(readFileSync(join(FOLDER, 'old.txt'), 'utf8')).toBe('newer');
  expect(readlinkSync(join(FOLDER, 'link.txt'))).toBe('old.txt');
  expect(readdirSync(FOLDER).sort()).toEqual(['link.txt', 'old.txt']);
});

test.each([
  ['.', /it is a folder/],
  ['none/x.txt', /its folder is not there/],
  ['/dev/null', /it is no regular file/],
])('nothing can be written to %s', async (name, problem) => {
  const path = name.startsWith('/') ? name : join(FOLDER, name);
  await expect(expectFilePlace(path, name)).rejects.toThrow(problem);
});

test('many writers of one file leave one of their texts, whole', async () => {
  const texts = Array.from({ length: 20 }, (_, index) => String(index).repeat(50_000));
  const path = join(FOLDER, 'contended.txt');
  await Promise.all(
    texts.map((text, index) =>
      writeFileWhole({ path, name: path, bytes: Buffer.from(text), newName: `contended-${index}` }),
    ),
  );
  expect(texts).toContain(readFileSync(path, 'utf8'));
  expect(readdirSync(FOLDER).filter((name) => name.endsWith('.tmp'))).toEqual([]);
});

test('a failure is told with its reason and a way out', async () => {
  await expect(write('.', 'new')).rejects.toMatchObject({
    message: expect.stringMatching(/^Cannot write \.: /),
    wayOut: ['Give a file in a folder that you may write to.'],
  });
});
