import { chmod, chown, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { execFileSync } from 'node:child_process';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { findConfig, readConfig } from '../../src/cli/config-file.js';
import { UserError } from '../../src/errors.js';

const { uid } = userInfo();
const STRANGER = 12345;
const NAME = 'awsusage.config.json';

let root: string;

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'awsusage-test-config-')));
  await mkdir(join(root, 'home/me/project/deep'), { recursive: true });
});

afterEach(async () => {
  await rm(root, { recursive: true });
});

async function find(folder: string): ReturnType<typeof findConfig> {
  return findConfig(join(root, folder), { uid, home: join(root, 'home/me') });
}

describe('findConfig', () => {
  it.each([
    ['home/me/project', 'home/me/project'],
    ['home/me', 'home/me/project/deep'],
    ['', 'home'],
  ])('finds the file in "%s" from %s', async (place, from) => {
    await writeFile(join(root, place, NAME), '{}');
    expect(await find(from)).toEqual({ path: join(root, place, NAME), warnings: [] });
  });

  it('takes the nearest', async () => {
    await writeFile(join(root, 'home/me', NAME), '{}');
    await writeFile(join(root, 'home/me/project', NAME), '{}');
    expect((await find('home/me/project/deep')).path).toBe(join(root, 'home/me/project', NAME));
  });

  it('does not look above the home folder', async () => {
    await writeFile(join(root, 'home', NAME), '{}');
    expect(await find('home/me/project')).toEqual({ path: undefined, warnings: [] });
  });

  it('passes over a folder of that name, with a warning', async () => {
    await mkdir(join(root, 'home/me', NAME));
    const found = await find('home/me');
    expect(found.path).toBeUndefined();
    expect(found.warnings).toEqual([`${join(root, 'home/me', NAME)} is not used: it is not a file`]);
  });

  it('does not wait at a named pipe', async () => {
    execFileSync('mkfifo', [join(root, 'home/me', NAME)]);
    expect((await find('home/me')).path).toBeUndefined();
  });

  it('passes over a file that everybody may write to, and looks on', async () => {
    const open = join(root, 'home/me/project', NAME);
    await writeFile(open, '{}');
    await chmod(open, 0o666);
    await writeFile(join(root, 'home/me', NAME), '{}');
    const found = await find('home/me/project');
    expect(found.path).toBe(join(root, 'home/me', NAME));
    expect(found.warnings).toEqual([expect.stringContaining('everybody may write to it')]);
  });

  it('follows a link of our own', async () => {
    await writeFile(join(root, 'real.json'), '{}');
    await symlink(join(root, 'real.json'), join(root, 'home/me', NAME));
    expect((await find('home/me')).path).toBe(join(root, 'home/me', NAME));
  });

  describe.skipIf(uid !== 0)('with files of other users', () => {
    /** As user 777, so that root's files are somebody else's, too, and trusted. */
    async function findAsAnother(folder: string): ReturnType<typeof findConfig> {
      return findConfig(join(root, folder), { uid: 777, home: '/nowhere' });
    }

    it.each<[string, number, number, number, boolean]>([
      // folder's owner, folder's mode, file's owner, used
      ['a stranger in a shared folder', 0, 0o1777, STRANGER, false],
      ['a stranger in his own shared folder', STRANGER, 0o1777, STRANGER, false],
      ['the owner of a project that others cannot write to', STRANGER, 0o755, STRANGER, true],
      ['a stranger in a folder of somebody else', 0, 0o755, STRANGER, false],
      ['root in a shared folder', 0, 0o1777, 0, true],
      ['the user in a shared folder', 0, 0o1777, 777, true],
    ])('%s', async (_name, folderOwner, mode, fileOwner, used) => {
      const path = join(root, 'home', NAME);
      await writeFile(path, '{}');
      await chown(path, fileOwner, fileOwner);
      await chown(join(root, 'home'), folderOwner, folderOwner);
      await chmod(join(root, 'home'), mode);
      const found = await findAsAnother('home');
      expect(found.path).toBe(used ? path : undefined);
      expect(found.warnings.join()).toMatch(used ? /^$/ : /belongs to another user/);
    });
  });
});

describe('readConfig', () => {
  async function read(text: string): ReturnType<typeof readConfig> {
    await writeFile(join(root, NAME), text);
    return readConfig(join(root, NAME), '/home/me');
  }

  it('reads sources from its own folder', async () => {
    const config = await read('\uFEFF{"sources": {"prod": "logs/*.gz"}}');
    expect(config.sources.get('prod')).toEqual({ locations: [join(root, 'logs/*.gz')] });
  });

  it.each([
    ['{\n  "sources": {\n    "prod": "logs/",\n  }\n}', /: line 4, column 3: expected a key, or no comma before }$/],
    ['', /: line 1, column 1: the text ends here: expected a value$/],
    ['{"sourcs": {}}', /: sourcs: there is no such key; known here: \$schema, sources, formats, snapshots, defaults$/],
    ['{"sources": {"prod": {"source": "a", "latenes": "1h"}}}', /: sources\.prod\.latenes: there is no such key/],
    [`{"sources": {"a": "${'x'.repeat(1_000_000)}"}}`, /too large/],
  ])('says where %j is wrong', async (text, message) => {
    const error: unknown = await read(text).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).message).toContain(join(root, NAME));
    expect((error as UserError).message).toMatch(message);
  });

  it('says that it cannot be read', async () => {
    await expect(readConfig(join(root, 'none.json'))).rejects.toThrow(/^Cannot read the configuration .*ENOENT/);
  });
});
