import { createHash } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  linkSync,
  lstatSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { versionOf } from '../../src/storage/file-object.js';
import { type MovableFile, moveFileAside } from '../../src/storage/move-file-aside.js';
import { tempFolder } from './temp-folder.js';
import { failureOf } from './writable-bucket.js';

interface Made {
  readonly path: string;
  readonly aside: string;
  /** As it is now. */
  movable(): MovableFile;
}

function make(content: string | Buffer = 'content'): Made {
  const folder = tempFolder({ 'aside/other': '' });
  const [path, aside] = [`${folder}/file`, `${folder}/aside/1`];
  writeFileSync(path, content);
  return {
    path,
    aside,
    movable: () => ({
      path: Buffer.from(path),
      aside: Buffer.from(aside),
      version: versionOf(lstatSync(path)),
      sha256: createHash('sha256').update(readFileSync(path)).digest('hex'),
    }),
  };
}

test('what is as it was is moved, its bytes untouched', async () => {
  const { path, aside, movable } = make();
  expect(await moveFileAside(movable())).toBe('moved');
  expect(existsSync(path)).toBe(false);
  expect(readFileSync(aside, 'utf8')).toBe('content');
});

test('names that are no text', async () => {
  const { path, movable } = make();
  const odd = Buffer.concat([Buffer.from(path), Buffer.from([0xff, 0x2f - 1])]);
  renameSync(path, odd);
  const version = versionOf(lstatSync(odd));
  const file = { ...movableOf(odd), aside: Buffer.concat([odd, Buffer.from([0xfe])]), version };
  expect(await moveFileAside(file)).toBe('moved');
  expect(existsSync(odd)).toBe(false);
  expect(existsSync(file.aside)).toBe(true);
  expect(() => movable()).toThrow();
});

describe('what changed is left alone', () => {
  test.each<[string, (path: string) => void]>([
    ['it was appended to', (path) => appendFileSync(path, 'more')],
    ['it was overwritten by as many bytes, and its time set back', overwriteUnseen],
    ['another file is in its place', (path) => replace(path, 'content')],
    ['a link is in its place', (path) => (rmSync(path), symlinkSync('aside/other', path))],
  ])('%s', async (_name, change) => {
    const { path, aside, movable } = make();
    const file = movable();
    change(path);
    const before = lstatSync(path);
    expect(await moveFileAside(file)).toBe('changed');
    expect(lstatSync(path)).toMatchObject({ ino: before.ino, size: before.size, mtimeMs: before.mtimeMs });
    expect(existsSync(aside)).toBe(false);
  });

  test('a change that neither size nor times tell shows in the bytes: it is put back', async () => {
    const { path, aside, movable } = make();
    const { sha256 } = movable();
    overwriteUnseen(path);
    expect(await moveFileAside({ ...movable(), sha256 })).toBe('changed');
    expect(readFileSync(path, 'utf8')).toBe('CONTENT');
    expect(existsSync(aside)).toBe(false);
  });

  test('it is gone', async () => {
    const { path, aside, movable } = make();
    const file = movable();
    rmSync(path);
    expect(await moveFileAside(file)).toBe('gone');
    expect(existsSync(aside)).toBe(false);
  });
});

test('putting back replaces nothing: what was moved is kept, and named', async () => {
  const { path, aside, movable } = make(Buffer.alloc(40_000_000, 'a'));
  const moving = failureOf(moveFileAside({ ...movable(), sha256: '00' }));
  while (existsSync(path)) await setImmediate();
  writeFileSync(path, 'a third one');
  const failure = await moving;
  expect(failure.outcome).toBe('unknown');
  expect(failure.message).toContain(`it was kept as ${aside}`);
  expect(readFileSync(path, 'utf8')).toBe('a third one');
  expect(statSync(aside).size).toBe(40_000_000);
});

test('a name that is taken is not taken again', async () => {
  const { path, aside, movable } = make();
  const file = movable();
  linkSync(path, aside);
  const failure = await failureOf(moveFileAside({ ...file, version: versionOf(lstatSync(path)) }));
  expect(failure.outcome).toBe('refused');
  expect(readFileSync(path, 'utf8')).toBe('content');
});

function movableOf(path: Buffer): Pick<MovableFile, 'path' | 'sha256'> {
  return { path, sha256: createHash('sha256').update(readFileSync(path)).digest('hex') };
}

function overwriteUnseen(path: string): void {
  const { atime, mtime } = statSync(path);
  writeFileSync(path, readFileSync(path, 'utf8').toUpperCase());
  utimesSync(path, atime, mtime);
}

function replace(path: string, content: string): void {
  const { atime, mtime } = statSync(path);
  writeFileSync(`${path}.new`, content);
  utimesSync(`${path}.new`, atime, mtime);
  renameSync(`${path}.new`, path);
}
