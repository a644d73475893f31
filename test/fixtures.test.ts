import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';

const FIXTURES = fileURLToPath(new URL('../fixtures/', import.meta.url));
const GENERATOR = new URL('../fixtures/make-fixtures.js', import.meta.url).href;

test('the fixtures are what their generator makes', async () => {
  const { makeFixtures } = (await import(GENERATOR)) as { makeFixtures: () => Map<string, Buffer> };
  const made = makeFixtures();
  expect(listFixtures()).toEqual([...made.keys()].sort());
  for (const [path, bytes] of made) {
    expect(unpack(readFileSync(join(FIXTURES, path))).equals(unpack(bytes)), path).toBe(true);
  }
});

test('the fixtures are small', () => {
  const bytes = listFixtures().reduce((sum, path) => sum + readFileSync(join(FIXTURES, path)).length, 0);
  expect(bytes).toBeLessThan(200_000);
});

/** Packed bytes differ between versions of zlib; what is in them does not. */
function unpack(bytes: Buffer): Buffer {
  return bytes[0] === 0x1f ? gunzipSync(bytes) : bytes;
}

function listFixtures(): string[] {
  return readdirSync(FIXTURES, { recursive: true, withFileTypes: true })
    .filter(
      (entry) => entry.isFile() && entry.parentPath !== FIXTURES.replace(/\/$/, '') && entry.parentPath !== FIXTURES,
    )
    .map((entry) => join(entry.parentPath, entry.name).slice(FIXTURES.length))
    .sort();
}
