import {
  appendFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { rename } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { openFileStore } from '../../src/storage/file-store.js';
import { fileWritableStore } from '../../src/storage/file-writable-store.js';
import { MAX_WHOLE_BYTES, type WritableStore } from '../../src/storage/writable-store.js';
import { newNames } from './new-names.js';
import { objectsOf } from './open-bucket.js';
import { tempFolder, withoutRootRights } from './temp-folder.js';
import { failureOf, text, versionOf } from './writable-bucket.js';

interface Opened {
  readonly root: string;
  readonly staging: string;
  readonly store: WritableStore;
}

function open(folder = tempFolder()): Opened {
  const [root, staging] = [`${folder}/deep/table`, `${folder}/deep/table.ledger/staging`];
  return { root, staging, store: fileWritableStore({ root, staging, name: 'table/', newName: newNames('n') }) };
}

describe('create', () => {
  test('makes the folders and the file, and leaves nothing in staging', async () => {
    const { root, staging, store } = open();
    expect(await store.create('year=2026/c-00000001.parquet', text('one'))).toBe('created');
    expect(readFileSync(`${root}/year=2026/c-00000001.parquet`, 'utf8')).toBe('one');
    expect(readdirSync(staging)).toEqual([]);
  });

  test('replaces nothing, and leaves nothing in staging then either', async () => {
    const { root, staging, store } = open();
    await store.create('a', text('one'));
    expect(await store.create('a', text('two'))).toBe('exists');
    expect(readFileSync(`${root}/a`, 'utf8')).toBe('one');
    expect(readdirSync(staging)).toEqual([]);
  });

  test('has one winner of many, and what is there is the winner whole', async () => {
    const folder = tempFolder();
    for (let round = 0; round < 20; round++) {
      const bodies = Array.from({ length: 8 }, (_, at) => `${at}`.repeat(100_000));
      const stores = bodies.map(() => fileWritableStore({ ...paths(folder), newName: newNames(`${Math.random()}`) }));
      const results = await Promise.all(stores.map((store, at) => store.create(`p/${round}`, text(bodies[at] ?? ''))));
      expect(results.filter((result) => result === 'created')).toHaveLength(1);
      expect(readFileSync(`${folder}/t/p/${round}`, 'utf8')).toBe(bodies[results.indexOf('created')]);
    }
  });

  test('moves a file that was made in staging, and leaves it where another one has its place', async () => {
    const { root, staging, store } = open();
    mkdirSync(staging, { recursive: true });
    const file = `${staging}/made`;
    writeFileSync(file, 'one');
    expect(await store.create('a', { file })).toBe('created');
    expect([existsSync(file), readFileSync(`${root}/a`, 'utf8')]).toEqual([false, 'one']);
    expect(statSync(`${root}/a`).nlink).toBe(1);
    writeFileSync(file, 'two');
    expect(await store.create('a', { file })).toBe('exists');
    expect([readFileSync(file, 'utf8'), readFileSync(`${root}/a`, 'utf8')]).toEqual(['two', 'one']);
  });

  test('makes a folder again that was removed', async () => {
    const { root, store } = open();
    await store.create('p/a', text('one'));
    rmSync(`${root}/p`, { recursive: true });
    expect(await store.create('p/b', text('two'))).toBe('created');
    expect(readFileSync(`${root}/p/b`, 'utf8')).toBe('two');
  });

  test('writes through a link to the root, and through none below it', async () => {
    const folder = tempFolder({ 'real/x': '', 'elsewhere/x': '' });
    mkdirSync(`${folder}/deep`);
    symlinkSync('../real', `${folder}/deep/table`);
    const { store } = open(folder);
    expect(await store.create('p/a', text('one'))).toBe('created');
    expect(readFileSync(`${folder}/real/p/a`, 'utf8')).toBe('one');
    symlinkSync('../elsewhere', `${folder}/real/q`);
    const failure = await failureOf(store.create('q/a', text('two')));
    expect(failure).toMatchObject({ outcome: 'refused' });
    expect(failure.message).toBe('Cannot create table/q/a: a symbolic link is in the place of a folder');
    expect(readdirSync(`${folder}/elsewhere`)).toEqual(['x']);
  });

  test('refuses where a file is in the place of a folder, or a folder cannot be written to', async () => {
    const { root, store } = open();
    await store.create('a', text('one'));
    expect(await failureOf(store.create('a/b', text('two')))).toMatchObject({
      outcome: 'refused',
      message: 'Cannot create table/a/b: a file is in the place of a folder',
    });
    const denied = await withoutRootRights(() => failureOf(open(`${root}/..`).store.create('b', text('two'))));
    expect(denied).toMatchObject({ outcome: 'refused', message: 'Cannot create table/b: permission denied' });
  });

  test('says when a file cannot be moved because it is on another file system', async ({ skip }) => {
    const elsewhere = '/dev/shm';
    const isThere = existsSync(elsewhere) && statSync(elsewhere).dev !== statSync(tempFolder()).dev;
    if (!isThere) return skip('needs a second file system at /dev/shm');
    const { store } = open();
    const file = `${elsewhere}/awsusage-test-${process.pid}`;
    writeFileSync(file, 'one');
    const failure = await failureOf(store.create('a', { file })).finally(() => rmSync(file));
    expect(failure).toMatchObject({
      outcome: 'refused',
      message: 'Cannot create table/a: it is on another file system',
    });
    expect(await store.facts('a')).toBeUndefined();
  });

  test.each(['', '/a', 'a/', 'a//b', '../a', 'a/../../b', './a', 'a\0b', '\ud800'])('%j is no key', async (key) => {
    const { root, store } = open();
    await expect(store.create(key, text('one'))).rejects.toThrow('cannot be the key of a file');
    expect(existsSync(root)).toBe(false);
  });
});

describe('facts, get and lists', () => {
  test('what is there', async () => {
    const { root, store } = open();
    await store.create('p/a', text('one'));
    const { mtimeMs } = statSync(`${root}/p/a`);
    expect(await store.facts('p/a')).toMatchObject({ size: 3, modified: mtimeMs, metadata: {} });
    expect(Buffer.from((await store.get('p/a')) ?? []).toString()).toBe('one');
    expect(await store.lists('p/a')).toBe(true);
  });

  test('the version, the time and the root are those of a listing', async () => {
    const { root, store } = open();
    await store.create('p/a', text('one'));
    const facts = await store.facts('p/a');
    const listed = await openFileStore(root);
    const [object] = await objectsOf(listed);
    expect(object).toMatchObject({ version: facts?.version, modified: facts?.modified });
    expect(object?.identity.slice(listed.root?.length)).toBe('p/a');
  });

  test('what is not there', async () => {
    const { store } = open();
    for (const key of ['a', 'p/a']) {
      expect([await store.facts(key), await store.get(key), await store.lists(key)]).toEqual([
        undefined,
        undefined,
        false,
      ]);
    }
    await store.create('a', text('one'));
    expect([await store.facts('a/b'), await store.get('a/b')]).toEqual([undefined, undefined]);
  });

  test('what is no object is refused, and so is what is too large to be read whole', async () => {
    const { root, store } = open();
    await store.create('p/a', text('one'));
    symlinkSync('a', `${root}/p/link`);
    for (const key of ['p', 'p/link']) expect(await failureOf(store.facts(key))).toMatchObject({ outcome: 'refused' });
    expect((await failureOf(store.get('p'))).message).toBe('Cannot read table/p: it is not a regular file');
    await failureOf(store.get('p/link'));
    truncateSync(`${root}/p/a`, MAX_WHOLE_BYTES + 1);
    expect((await failureOf(store.get('p/a'))).message).toMatch(/^Cannot read table\/p\/a: it has 67108865 bytes/);
  });
});

describe('remove', () => {
  test('removes the version that it is given, and leaves nothing in staging', async () => {
    const { root, staging, store } = open();
    await store.create('a', text('one'));
    expect(await store.remove('a', await versionOf(store, 'a'))).toBe('removed');
    expect([readdirSync(root), readdirSync(staging)]).toEqual([[], []]);
    expect(await store.remove('a', 'any')).toBe('gone');
  });

  const CHANGES: Readonly<Record<string, (path: string) => void>> = {
    longer: (path) => appendFileSync(path, '!'),
    'another time': (path) => utimesSync(path, 1, 1),
    'another file of the same size and time': (path) => {
      const { atime, mtime } = statSync(path);
      writeFileSync(`${path}.new`, 'two');
      utimesSync(`${path}.new`, atime, mtime);
      renameSync(`${path}.new`, path);
    },
    'the same file and time with other bytes': (path) => {
      const { atime, mtime } = statSync(path);
      writeFileSync(path, 'two');
      utimesSync(path, atime, mtime);
    },
    'linked elsewhere': (path) => linkSync(path, `${path}.link`),
    'a folder': (path) => {
      rmSync(path);
      mkdirSync(path);
    },
  };

  test.each(Object.entries(CHANGES))('leaves what has changed: %s', async (_, change) => {
    const { root, store } = open();
    await store.create('a', text('one'));
    const version = await versionOf(store, 'a');
    change(`${root}/a`);
    const before = statSync(`${root}/a`);
    expect(await store.remove('a', version)).toBe('changed');
    expect(statSync(`${root}/a`)).toEqual(before);
  });

  test('loses no file that takes the place while it removes', async () => {
    const { root, staging, store } = open();
    const results = new Set<string>();
    for (let round = 0; round < 300; round++) {
      await store.create('a', text('one'));
      writeFileSync(`${root}/new`, 'the next one');
      const version = await versionOf(store, 'a');
      const [result] = await Promise.all([store.remove('a', version), replaceSoon(round % 8)]);
      results.add(result);
      expect(readFileSync(`${root}/a`, 'utf8')).toBe('the next one');
      rmSync(`${root}/a`);
    }
    expect([...results].sort()).toEqual(['changed', 'removed']);
    expect(readdirSync(staging)).toEqual([]);

    async function replaceSoon(turns: number): Promise<void> {
      for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
      await rename(`${root}/new`, `${root}/a`);
    }
  });

  test('many: each has a result of its own', async () => {
    const { root, store } = open();
    for (const key of ['a', 'b', 'c']) await store.create(key, text(key));
    const items = await Promise.all(
      ['a', 'b', 'c', 'd'].map(async (key) => ({ key, version: await versionOf(store, key) })),
    );
    appendFileSync(`${root}/b`, '!');
    expect(await store.removeMany(items)).toEqual(['removed', 'changed', 'removed', 'gone']);
    expect(readdirSync(root)).toEqual(['b']);
  });
});

function paths(folder: string): { root: string; staging: string; name: string } {
  return { root: `${folder}/t`, staging: `${folder}/s`, name: 't/' };
}
