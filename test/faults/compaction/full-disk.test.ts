import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { caseFolder, localPlace } from './local-place.js';
import { LIMIT_MS } from './run-program.js';
import { caseName, casesOf, chanceOf } from './seeds.js';
import { findViolations, settle } from './settle-table.js';
import { keyOf, TestTable } from './test-table.js';

const mounted: string[] = [];

afterAll(() => {
  for (const folder of mounted) spawnSync('umount', [folder]);
});

const canMount = tryToMount();
const canLimit = spawnSync('prlimit', ['--fsize=1000000', 'true']).status === 0;

describe.concurrent('a disk that is full', { timeout: LIMIT_MS }, () => {
  test.skipIf(!canMount).each(casesOf({ whole: 12, few: 1 }))(
    `${caseName(0).replace('case 0', 'case %i')}: that of the table (skipped where no file system can be mounted)`,
    async (number) => {
      const chance = chanceOf('disk', number);
      const disk = caseFolder();
      mount(disk, `${(2 + chance.below(30)) * 4}k`);
      const table = newTable({ ...localPlace(), ...tableOn(disk) });
      const end = await table.compact();
      expect([0, 2, 4], end.stderr).toContain(end.code);
      if (end.code !== 0) expect(end.stderr).toMatch(/space/);
      expect(await findViolations(table, ['source'])).toEqual([]);
      execFileSync('mount', ['-o', 'remount,size=20m', disk]);
      expect(await settle(table, ['table', 'both'])).toEqual([]);
    },
  );

  test.skipIf(!canMount)('that of temporary files (skipped where no file system can be mounted)', async () => {
    const disk = caseFolder();
    mount(disk, '256k');
    const table = newTable(localPlace());
    const end = await table.compact({ env: { AWSUSAGE_TMPDIR: disk } });
    expect({ code: end.code, stderr: end.stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/space/) as string,
    });
    expect(await settle(table, ['table'])).toEqual([]);
  });

  test.skipIf(!canLimit).each(casesOf({ whole: 4, few: 0 }))(
    `${caseName(0).replace('case 0', 'case %i')}: files may have a size only (skipped without prlimit)`,
    async (number) => {
      const table = newTable(localPlace());
      const bytes = 200 + chanceOf('limit', number).below(6000);
      await table.compact({ through: ['prlimit', `--fsize=${bytes}`] });
      expect(await findViolations(table, ['source'])).toEqual([]);
      expect(await settle(table, ['table'])).toEqual([]);
    },
  );
});

function tryToMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'awsusage-test-mount-'));
  const isMounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder]).status === 0;
  if (isMounted) spawnSync('umount', [folder]);
  rmSync(folder, { recursive: true, force: true });
  return isMounted;
}

function mount(folder: string, size: string): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder]);
  mounted.push(folder);
}

function tableOn(disk: string) {
  const destination = join(disk, 'dst');
  return { destination, folders: () => ({ table: destination, ledger: `${destination}.ledger` }) };
}

function newTable(place: ConstructorParameters<typeof TestTable>[0]): TestTable {
  const table = new TestTable(place);
  mkdirSync(join(place.folder, 'home'));
  for (const hour of [0, 1, 2]) for (const name of ['a.json', 'b.json']) table.write(keyOf(hour, name), 20);
  return table;
}
