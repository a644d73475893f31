import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { openWritableStore } from '../../src/storage/open-writable-store.js';
import { parseLocation } from '../../src/storage/location.js';
import { newNames } from './new-names.js';
import { tempFolder } from './temp-folder.js';

test('a folder is made with the first object, and shown as it was named', async () => {
  const cwd = tempFolder();
  const store = await open('table', cwd);
  expect([store.name, store.staging]).toEqual(['table/', `${cwd}/table.ledger/staging`]);
  expect(existsSync(`${cwd}/table`)).toBe(false);
  expect(await store.create('a', { bytes: Buffer.from('one') })).toBe('created');
  expect(existsSync(`${cwd}/table/a`)).toBe(true);
});

test('what is no folder cannot be written to', async () => {
  const cwd = tempFolder({ file: '' });
  await expect(open('-', cwd)).rejects.toThrow(/^Cannot write to standard input$/);
  await expect(open('file', cwd)).rejects.toThrow(/^Cannot write to file: it is not a folder$/);
  await expect(open('file/below', cwd)).rejects.toThrow(/^Cannot write to file\/below: it lies below a file$/);
});

function open(path: string, cwd: string): ReturnType<typeof openWritableStore> {
  return openWritableStore(parseLocation(path), { cwd, staging: 'table.ledger/staging', newName: newNames('n') });
}
