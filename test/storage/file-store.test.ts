import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  linkSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, test } from 'vitest';
import { UserError } from '../../src/errors.js';
import { openFileStore } from '../../src/storage/file-store.js';
import {
  type ListedEntry,
  ObjectReadError,
  type ObjectStore,
  type PrefixVerdict,
  type StoredObject,
} from '../../src/storage/object-store.js';
import { tempFolder, withoutRootRights } from './temp-folder.js';

const isLinux = process.platform === 'linux';

describe('listing a folder', () => {
  test('gives every regular file with its size, each folder in byte order', async () => {
    const root = tempFolder({
      'b.json': '{}',
      'a/z': 'zz',
      'a/y/x': '',
      'B.json': '1',
      'é.json': '22',
      'a.json': '333',
    });
    const objects = (await listing(await openFileStore(root))).map(objectOf);
    expect(objects.map(({ key, size }) => [key, size])).toEqual([
      ['B.json', 1],
      ['a/y/x', 0],
      ['a/z', 2],
      ['a.json', 3],
      ['b.json', 2],
      ['é.json', 2],
    ]);
  });

  test('an empty folder has no objects', async () => {
    expect(await listing(await openFileStore(tempFolder()))).toEqual([]);
  });

  test('keys show names as they are, and every such file can be read', async () => {
    const names = [
      'line\nfeed',
      '*?[x]{a,b}.json',
      '..',
      'a..b',
      ' space ',
      '%2F',
      'back\\slash',
      '\u202eevil',
      '-',
      '~',
    ];
    const files = names.map((name) => [name === '..' ? '..x/..y' : name, `in ${name}`] as const);
    const store = await openFileStore(tempFolder(Object.fromEntries(files)));
    const read = new Map<string, string>();
    for (const entry of await listing(store))
      read.set(objectOf(entry).key, (await content(store, objectOf(entry))).toString());
    expect(read).toEqual(new Map([...files].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))));
  });

  test.runIf(isLinux)('bytes that are not UTF-8 are shown as \\xNN and are read as they are', async () => {
    const root = tempFolder();
    const folder = Buffer.concat([Buffer.from(`${root}/d`), Buffer.from([0xff])]);
    const path = Buffer.concat([
      folder,
      Buffer.from('/é'),
      Buffer.from([0xc3, 0x28, 0xe2, 0x82]),
      Buffer.from('.json'),
    ]);
    mkdirSync(folder);
    writeFileSync(path, 'odd');
    writeFileSync(`${root}/d\\xff`, 'literal');
    const store = await openFileStore(root);
    const objects = (await listing(store)).map(objectOf);
    expect(objects.map(({ key }) => key)).toEqual(['d\\xff', 'd\\xff/é\\xc3(\\xe2\\x82.json']);
    const texts: string[] = [];
    for (const object of objects) texts.push(String(await content(store, object)));
    expect(texts).toEqual(['literal', 'odd']);
    expect(new Set(objects.map(({ identity }) => identity)).size).toBe(2);
    expect(store.localPath?.(objects[1] as StoredObject)).toEqual(path);
  });

  test('a root of odd bytes opens', async () => {
    const root = Buffer.concat([Buffer.from(tempFolder()), Buffer.from('/x'), Buffer.from(isLinux ? [0xfe] : [0x79])]);
    mkdirSync(root);
    writeFileSync(Buffer.concat([root, Buffer.from('/a')]), 'a');
    const store = await openFileStore(root);
    expect((await listing(store)).map((entry) => objectOf(entry).key)).toEqual(['a']);
  });

  test('symbolic links, to files, folders, nothing and in a loop, are skipped', async () => {
    const root = tempFolder({ 'a/real.json': '{}' });
    symlinkSync('a', `${root}/folder-link`);
    symlinkSync('a/real.json', `${root}/file-link`);
    symlinkSync('nowhere', `${root}/dangling`);
    symlinkSync('..', `${root}/a/loop`);
    const reasons = (await listing(await openFileStore(root))).map(reasonOf);
    expect(reasons).toEqual([
      ['a/loop', 'skipped', 'symbolic link'],
      ['a/real.json', 'object', ''],
      ['dangling', 'skipped', 'symbolic link'],
      ['file-link', 'skipped', 'symbolic link'],
      ['folder-link', 'skipped', 'symbolic link'],
    ]);
  });

  test('the root may be a symbolic link, and its files have one identity however they are reached', async () => {
    const root = tempFolder({ 'a/b/c.json': '{}' });
    symlinkSync('a', `${root}/link`);
    const paths = [root, `${root}/a`, `${root}/link`, `${root}/a/../a/b`, `${root}/link/b/c.json`];
    const objects = [];
    for (const path of paths)
      objects.push(...(await listing(await openFileStore(path))).filter((entry) => entry.kind === 'object'));
    expect(objects.map((entry) => objectOf(entry).key)).toEqual([
      'a/b/c.json',
      'b/c.json',
      'b/c.json',
      'c.json',
      'c.json',
    ]);
    expect(new Set(objects.map((entry) => objectOf(entry).identity)).size).toBe(1);
    expect(new Set(objects.map((entry) => objectOf(entry).version)).size).toBe(1);
  });

  test('pipes are skipped', async () => {
    const root = tempFolder({ 'a.json': '{}' });
    execFileSync('mkfifo', [`${root}/pipe`]);
    expect((await listing(await openFileStore(root))).map(reasonOf)).toEqual([
      ['a.json', 'object', ''],
      ['pipe', 'skipped', 'not a regular file'],
    ]);
  });

  test('a folder that may not be read fails alone; one that may not be searched fails file by file', async () => {
    const root = tempFolder({ 'closed/a.json': '{}', 'names-only/b.json': '{}', 'open/c.json': '{}' });
    chmodSync(`${root}/closed`, 0o000);
    chmodSync(`${root}/names-only`, 0o744);
    if (process.geteuid?.() !== 0) chmodSync(`${root}/names-only`, 0o644);
    const entries = await withoutRootRights(async () => listing(await openFileStore(root)));
    chmodSync(`${root}/closed`, 0o755);
    chmodSync(`${root}/names-only`, 0o755);
    expect(entries.map(reasonOf)).toEqual([
      ['closed/', 'failed', 'permission denied'],
      ['names-only/b.json', 'failed', 'permission denied'],
      ['open/c.json', 'object', ''],
    ]);
  });

  test('a thousand folders deep', async () => {
    const root = tempFolder();
    const deep = `${'d/'.repeat(1000)}`;
    mkdirSync(`${root}/${deep}`, { recursive: true });
    writeFileSync(`${root}/${deep}x.json`, 'deep');
    const store = await openFileStore(root);
    const [object] = (await listing(store)).map(objectOf);
    expect(object?.key).toBe(`${deep}x.json`);
    expect(String(await content(store, object as StoredObject))).toBe('deep');
  });

  test('lets timers run during a long listing', async () => {
    const root = tempFolder(Object.fromEntries(Array.from({ length: 3000 }, (_, index) => [`${index}.json`, ''])));
    let ticks = 0;
    const timer = setInterval(() => (ticks += 1), 0);
    const store = await openFileStore(root);
    ticks = 0;
    for await (const entry of store.list(() => 'descend')) expect(entry.kind).toBe('object');
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(0);
  });

  test('the version changes with the bytes, and not without', async () => {
    const root = tempFolder({ 'a.json': '1', 'b.json': '1' });
    const store = await openFileStore(root);
    const before = (await listing(store)).map((entry) => objectOf(entry).version);
    writeFileSync(`${root}/a.json`, '2');
    utimesSync(`${root}/a.json`, 1_000_000_000, 1_000_000_000);
    const after = (await listing(store)).map((entry) => objectOf(entry).version);
    expect(after[0]).not.toBe(before[0]);
    expect(after[1]).toBe(before[1]);
    expect(before[0]).not.toBe(before[1]);
  });
});

describe('the judge of prefixes', () => {
  const files = { 'a/1': '', 'a/deep/2': '', 'b/3': '', 'c/4': '', 'c/in/5': '', 'c/out/6': '', '7': '' };

  test('is asked once for each folder, and not below one that it left out', async () => {
    const asked: string[] = [];
    const entries = await listing(await openFileStore(tempFolder(files)), (prefix) => {
      asked.push(prefix);
      return prefix === 'a/' ? 'outside' : 'descend';
    });
    expect(asked).toEqual(['a/', 'b/', 'c/', 'c/in/', 'c/out/']);
    expect(entries.map((entry) => objectOf(entry).key)).toEqual(['7', 'b/3', 'c/4', 'c/in/5', 'c/out/6']);
  });

  test('has everything below a prefix skipped with its reason, but for what it leaves out', async () => {
    const entries = await listing(await openFileStore(tempFolder(files)), (prefix) => {
      if (prefix === 'c/out/') return 'outside';
      return prefix === 'c/' ? { skip: 'no logs' } : 'descend';
    });
    expect(entries.map(reasonOf)).toEqual([
      ['7', 'object', ''],
      ['a/1', 'object', ''],
      ['a/deep/2', 'object', ''],
      ['b/3', 'object', ''],
      ['c/4', 'skipped', 'no logs'],
      ['c/in/5', 'skipped', 'no logs'],
    ]);
  });

  test('a skipped folder that may not be read is no failure', async () => {
    const root = tempFolder({ '.closed/a.json': '{}' });
    chmodSync(`${root}/.closed`, 0o000);
    const entries = await withoutRootRights(async () =>
      listing(await openFileStore(root), () => ({ skip: 'hidden folder' })),
    );
    chmodSync(`${root}/.closed`, 0o755);
    expect(entries.map(reasonOf)).toEqual([['.closed/', 'skipped', 'hidden folder']]);
  });
});

describe('reading', () => {
  test.each([0, 1, 4096, (1 << 20) - 1, 1 << 20])('a file of %i bytes is one chunk', async (size) => {
    const { store, object, bytes } = await oneFile(size);
    const chunks = [];
    for await (const chunk of store.read(object)) chunks.push(chunk);
    expect(chunks).toHaveLength(1);
    expect(Buffer.compare(chunks[0] as Uint8Array, bytes)).toBe(0);
  });

  test.each([(1 << 20) + 1, 4 << 20, (9 << 20) + 7])(
    'a file of %i bytes comes in buffers of their own',
    async (size) => {
      const { store, object, bytes } = await oneFile(size);
      const chunks: Uint8Array[] = [];
      for await (const chunk of store.read(object)) chunks.push(chunk);
      expect(new Set(chunks.map((chunk) => chunk.buffer)).size).toBe(chunks.length);
      expect(Math.max(...chunks.map((chunk) => chunk.length))).toBeLessThanOrEqual(4 << 20);
      expect(Buffer.compare(Buffer.concat(chunks), bytes)).toBe(0);
    },
  );

  const changes: readonly (readonly [string, string, (path: string) => void])[] = [
    ['appended to', 'changed since it was listed', (path) => appendFileSync(path, 'x')],
    ['cut', 'changed since it was listed', (path) => truncateSync(path, 10)],
    ['written anew', 'changed since it was listed', (path) => rewrite(path)],
    ['replaced by a copy', 'changed since it was listed', (path) => replaceByCopy(path)],
    ['replaced by a link to itself', 'changed since it was listed', (path) => replaceByLink(path)],
    ['replaced by a folder', 'not a regular file', (path) => (rmSync(path), mkdirSync(path))],
    ['replaced by a pipe', 'not a regular file', (path) => (rmSync(path), execFileSync('mkfifo', [path]))],
    ['removed', 'gone since it was listed', (path) => rmSync(path)],
    ['removed with its folder', 'gone since it was listed', (path) => rmSync(dirname(path), { recursive: true })],
  ];

  test.each(changes.flatMap((change) => [100, 2 << 20].map((size) => [...change, size] as const)))(
    'a file that was %s since it was listed: %s (%#)',
    async (_, reason, change, size) => {
      const { store, object, path } = await oneFile(size);
      change(path);
      const error = await content(store, object).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(ObjectReadError);
      expect((error as Error).message).toBe(reason);
    },
  );

  test.each([
    ['cut', (path: string) => truncateSync(path, 5 << 20)],
    ['appended to', (path: string) => appendFileSync(path, 'x')],
  ])('a file that is %s while it is read', async (_, change) => {
    const { store, object, path } = await oneFile(9 << 20);
    const chunks = store.read(object)[Symbol.asyncIterator]();
    expect((await chunks.next()).done).toBe(false);
    change(path);
    await expect(drain(chunks)).rejects.toThrow(new ObjectReadError('changed since it was listed'));
  });

  test('new permissions or another hard link do not make it another file', async () => {
    const { store, object, path, bytes } = await oneFile(100);
    chmodSync(path, 0o600);
    linkSync(path, `${path}.link`);
    expect(await content(store, object)).toEqual(bytes);
  });

  test.each([100, 2 << 20])('a file of %i bytes without read permission', async (size) => {
    const { store, object, path } = await oneFile(size);
    chmodSync(path, 0o000);
    const read = withoutRootRights(() => content(store, object));
    await expect(read).rejects.toThrow(new ObjectReadError('permission denied'));
  });

  test.runIf(isLinux)('files that are not read to their end are closed', async () => {
    const { store, object } = await oneFile(9 << 20);
    const openFiles = (): number => readdirSync(`/proc/${process.pid}/fd`).length;
    const before = openFiles();
    for (let round = 0; round < 20; round += 1) {
      for await (const chunk of store.read(object)) {
        expect(chunk.length).toBeGreaterThan(0);
        break;
      }
    }
    expect(openFiles()).toBeLessThan(before + 10);
  });
});

describe('opening', () => {
  test('a single file is a store of this one object', async () => {
    const root = tempFolder({ 'a/.hidden.json': 'text' });
    const store = await openFileStore(`${root}/a/.hidden.json`);
    const [object, ...others] = (await listing(store)).map(objectOf);
    expect(others).toEqual([]);
    expect(object).toMatchObject({ key: '.hidden.json', size: 4 });
    expect(store).toMatchObject({ name: `${root}/a/.hidden.json`, single: true });
    expect(readFileSync(store.localPath?.(object as StoredObject) as Buffer, 'utf8')).toBe('text');
  });

  test('a folder is named with a slash at its end, and says where it is', async () => {
    const root = tempFolder({ 'year=2023/month=01/x': '' });
    const store = await openFileStore(`${root}/year=2023`);
    expect(store.name).toBe(`${root}/year=2023/`);
    expect(store.context).toMatch(/\/year=2023\/$/);
    expect((await openFileStore(`${root}/year=2023/`)).name).toBe(`${root}/year=2023/`);
  });

  test.each<readonly [string, (root: string) => string, RegExp]>([
    ['nothing there', (root) => `${root}/nothing`, /^No such file or folder: .*nothing$/],
    ['below a file', (root) => `${root}/a.json/b`, /^No such file or folder/],
    ['a pipe', (root) => `${root}/pipe`, /neither a folder nor a regular file/],
    ['links in a circle', (root) => `${root}/loop`, /symbolic links lead in a circle/],
    ['a closed folder', (root) => `${root}/closed`, /permission denied/],
    ['a folder that may not be searched', (root) => `${root}/names-only`, /permission denied/],
    ['a closed file', (root) => `${root}/closed.json`, /permission denied/],
  ])('%s is a UserError', async (_, pathOf, message) => {
    const root = tempFolder({ 'a.json': '{}', 'closed.json': '{}', 'closed/x': '', 'names-only/x': '' });
    execFileSync('mkfifo', [`${root}/pipe`]);
    symlinkSync('loop', `${root}/loop`);
    chmodSync(`${root}/closed`, 0o000);
    chmodSync(`${root}/names-only`, 0o444);
    chmodSync(`${root}/closed.json`, 0o000);
    const error = await withoutRootRights(() => openFileStore(pathOf(root)).catch((thrown: unknown) => thrown));
    chmodSync(`${root}/closed`, 0o755);
    chmodSync(`${root}/names-only`, 0o755);
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).message).toMatch(message);
    expect((error as UserError).exitCode).toBe('usage');
  });
});

async function listing(store: ObjectStore, judge: (prefix: string) => PrefixVerdict = () => 'descend') {
  const entries: ListedEntry[] = [];
  for await (const entry of store.list(judge)) entries.push(entry);
  return entries;
}

function objectOf(entry: ListedEntry): StoredObject {
  if (entry.kind !== 'object') throw new Error(`${entry.entry.key} was ${entry.kind}: ${entry.entry.reason}`);
  return entry.object;
}

function reasonOf(entry: ListedEntry): readonly [key: string, kind: string, reason: string] {
  if (entry.kind === 'object') return [entry.object.key, entry.kind, ''];
  return [entry.entry.key, entry.kind, entry.entry.reason];
}

async function content(store: ObjectStore, object: StoredObject): Promise<Buffer> {
  const chunks = [];
  for await (const chunk of store.read(object)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function drain(chunks: AsyncIterator<Uint8Array>): Promise<void> {
  while ((await chunks.next()).done !== true);
}

async function oneFile(size: number) {
  const path = `${tempFolder({ 'folder/file.json': '' })}/folder/file.json`;
  const bytes = Buffer.alloc(size);
  for (let at = 0; at < size; at += 1) bytes[at] = (at * 31 + (at >> 8)) & 0xff;
  writeFileSync(path, bytes);
  utimesSync(path, 1_600_000_000, 1_600_000_000);
  const store = await openFileStore(path.replace(/\/file\.json$/, ''));
  const [entry] = await listing(store);
  return { store, object: objectOf(entry as ListedEntry), path, bytes };
}

/** Other bytes, the same size and inode. */
function rewrite(path: string): void {
  writeFileSync(path, Buffer.alloc(readFileSync(path).length, 'y'));
}

/** The same bytes and times in another inode. */
function replaceByCopy(path: string): void {
  writeFileSync(`${path}.copy`, readFileSync(path));
  utimesSync(`${path}.copy`, 1_600_000_000, 1_600_000_000);
  renameSync(`${path}.copy`, path);
}

function replaceByLink(path: string): void {
  renameSync(path, `${path}.moved`);
  symlinkSync(`${path}.moved`, path);
}
