import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { openQuarantine } from '../../src/dataset/quarantine.js';
import { UserError } from '../../src/errors.js';
import { tempFolder } from '../storage/temp-folder.js';
import { openSource } from './open-source.js';
import { callLines } from './recorded-calls.js';

interface Line {
  readonly object: string;
  readonly offset: number;
  readonly reason: string;
  readonly bytes: number;
  readonly file: string;
}

const BAD = [
  Buffer.from('{"service":'),
  Buffer.from([0x7b, 0xc3, 0x28, 0x7d]),
  Buffer.from('{"what":1}'),
  Buffer.from('[1, 2]'),
];

/** Good lines with bad ones between them. */
function body(): Buffer {
  const lines = callLines(BAD.length + 1).map((line) => Buffer.from(line));
  const newline = Buffer.from('\n');
  return Buffer.concat(lines.flatMap((line, i) => [line, newline, BAD[i] ?? Buffer.alloc(0), newline]));
}

describe('what is put aside', () => {
  test('is kept byte for byte, with its object, its place in the unpacked object, and the reason', async () => {
    const source = tempFolder();
    writeFileSync(join(source, 'a.json'), body());
    writeFileSync(join(source, 'b.gz'), gzipSync(body()));
    const folder = join(tempFolder(), 'deep/er');
    const { accounting } = await openSource(source, { request: { quarantine: openQuarantine(folder) } });
    expect(accounting.records).toMatchObject({ kept: 2 * (BAD.length + 1), quarantined: 2 * BAD.length });
    const index = readFileSync(join(folder, 'quarantine.ndjson'), 'utf8').trim().split('\n');
    const lines = index.map((line) => JSON.parse(line) as Line);
    expect(lines).toHaveLength(accounting.records.quarantined);
    const whole = body();
    for (const key of ['a.json', 'b.gz']) {
      const aside = lines.filter(({ object }) => object === key).sort((a, b) => a.offset - b.offset);
      expect(aside.map(({ file }) => readFileSync(join(folder, file)))).toEqual(BAD);
      for (const { offset, bytes, file, reason } of aside) {
        expect(whole.subarray(offset, offset + bytes)).toEqual(readFileSync(join(folder, file)));
        expect(reason).not.toBe('');
      }
    }
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    for (const { file } of lines) expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
  });

  test('makes no folder when there is nothing', async () => {
    const folder = join(tempFolder(), 'aside');
    await openSource(tempFolder({ 'a.json': callLines(3).join('\n') }), {
      request: { quarantine: openQuarantine(folder) },
    });
    expect(() => statSync(folder)).toThrow(/ENOENT/);
  });

  test('a folder that cannot be made is the user’s to mend', async () => {
    const folder = join(tempFolder({ file: '' }), 'file/aside');
    const source = tempFolder({ 'a.json': `${callLines(2).join('\n')}\nbad\n` });
    const opened = openSource(source, { request: { quarantine: openQuarantine(folder) } });
    await expect(opened).rejects.toThrow(UserError);
    await expect(opened).rejects.toThrow(folder);
  });
});
