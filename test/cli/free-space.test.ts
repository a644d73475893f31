import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { expect, it } from 'vitest';

import { freeBytes, requireFreeBytes } from '../../src/cli/free-space.js';
import { UserError } from '../../src/errors.js';

it('sees the space that df sees', async () => {
  const [, line = ''] = execFileSync('df', ['-Pk', tmpdir()], { encoding: 'utf8' }).split('\n');
  const available = Number(line.split(/\s+/)[3]) * 1024;
  expect(Math.abs((await freeBytes(tmpdir())) - available)).toBeLessThan(Math.max(1e9, available / 20));
});

it('is content with what there is', async () => {
  await expect(requireFreeBytes(tmpdir(), 1)).resolves.toBeUndefined();
});

it('says what is needed and what is there', async () => {
  const error: unknown = await requireFreeBytes(tmpdir(), 9e17).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(UserError);
  expect((error as UserError).message).toMatch(/about 900 PB are needed, [\d.,]+ [kMGTP]?B are free$/);
  expect((error as UserError).wayOut.join()).toContain('AWSUSAGE_TMPDIR');
});
