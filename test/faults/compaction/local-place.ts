import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from 'vitest';
import type { Place } from './test-table.js';

const folders: string[] = [];

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A new folder, removed after the file's tests. */
export function caseFolder(parent = tmpdir()): string {
  const folder = mkdtempSync(join(parent, 'awsusage-test-faults-'));
  mkdirSync(join(folder, 'tmp'));
  folders.push(folder);
  return folder;
}

/** A source and its table on a local disk. */
export function localPlace(folder = caseFolder()): Place {
  const source = join(folder, 'src');
  const destination = join(folder, 'dst');
  const ledger = `${destination}.ledger`;
  mkdirSync(source);
  return {
    source,
    destination,
    folder,
    env: {},
    put: (key, bytes) => write(join(source, key), bytes),
    remove: (key) => rmSync(join(source, key)),
    putLedger: (key, bytes) => write(join(ledger, key), bytes),
    folders: () => ({ table: destination, ledger }),
  };
}

function write(path: string, bytes: Buffer): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
}
