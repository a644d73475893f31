import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { BrokenContainer } from '../../src/records/broken-container.js';
import { decodeBody } from '../../src/records/decode-body.js';
import { HAS_SHARED_DATA, readRealRecords, readSuiteCases } from './shared-data.js';
import { splitBody, splitChunks, textsOf, type SplitBody } from './split-body.js';
import { each, tellAll, textsTold } from './tell-all.js';

/** Not JSON, and taken all the same: values with nothing or a comma between them, and nothing at all. */
const TAKEN: Readonly<Record<string, readonly string[]>> = {
  n_array_comma_after_close: ['[""]'],
  n_structure_double_array: ['[]', '[]'],
  n_single_space: [],
  n_structure_no_data: [],
  n_structure_UTF8_BOM_no_data: [],
};

const CASES = readSuiteCases();
const SMALL_CHUNKS = [1, 7, 4096];

describe.skipIf(!HAS_SHARED_DATA)('JSONTestSuite (needs ../shared)', () => {
  test('all of it is here', () => {
    const count = (prefix: string): number => CASES.filter(({ name }) => name.startsWith(prefix)).length;
    expect([count('y_'), count('n_'), count('i_'), CASES.length]).toEqual([95, 188, 35, 318]);
    expect(Object.keys(TAKEN).filter((name) => !CASES.some((one) => one.name === name))).toEqual([]);
  });

  describe.each(['plain', 'gzip'])('%s', (packing) => {
    const judge = async (body: Uint8Array): Promise<SplitBody> => {
      try {
        const chunks: Uint8Array[] = [];
        const stored = packing === 'gzip' ? gzipSync(body) : body;
        for await (const chunk of decodeBody(each([stored]))) chunks.push(chunk);
        return splitChunks(chunks);
      } catch (error) {
        if (!(error instanceof BrokenContainer)) throw error;
        return { values: [], bad: [], broken: error.message };
      }
    };

    test.each(CASES.filter(({ name }) => name.startsWith('y_')))('$name arrives as one value', async ({ body }) => {
      const found = await judge(body);
      expect(found).toMatchObject({ bad: [], broken: undefined });
      expect(textsOf(found)).toEqual([body.toString('latin1').trim()]);
    });

    test.each(CASES.filter(({ name }) => name.startsWith('n_')))('$name is put aside', async ({ name, body }) => {
      const found = await judge(body);
      const taken = TAKEN[name];
      if (taken !== undefined) expect([textsOf(found), found.bad]).toEqual([taken, []]);
      else if (found.broken === undefined) expect([found.values, found.bad.length > 0]).toEqual([[], true]);
    });

    test.each(CASES.filter(({ name }) => name.startsWith('i_')))('$name is taken or put aside', async ({ body }) => {
      const { values, bad, broken } = await judge(body);
      expect(broken === undefined ? [values.length, bad.length].sort() : [0, 1]).toEqual([0, 1]);
    });
  });

  test.each(CASES)('$name: chunks make no difference', ({ body }) => {
    const whole = splitBody(body);
    for (const size of SMALL_CHUNKS) expect(splitBody(body, size), `chunks of ${size}`).toEqual(whole);
  });

  describe('one case between good records', () => {
    const good = readRealRecords().slice(0, 8);
    const surround = (body: Uint8Array): Buffer =>
      Buffer.concat([
        Buffer.from(`${good.slice(0, 4).join('\n')}\n`),
        body,
        Buffer.from(`\n${good.slice(4).join('\n')}\n`),
      ]);

    test.each(CASES)('$name', async ({ name, body }) => {
      const file = surround(body);
      const found = splitBody(file);
      expect(found.broken).toBeUndefined();
      const others = textsOf(found).filter((text) => !good.includes(text));
      expect(textsOf(found).filter((text) => good.includes(text))).toEqual(good);
      if (name.startsWith('y_')) expect([others, found.bad]).toEqual([[body.toString('latin1').trim()], []]);
      if (name.startsWith('n_')) expect(others).toEqual(TAKEN[name] ?? []);
      if (name.startsWith('n_') && !(name in TAKEN)) expect(found.bad.length).toBeGreaterThan(0);
      expectAllAccountedFor(file, found);
      for (const size of SMALL_CHUNKS) expect(splitBody(file, size), `chunks of ${size}`).toEqual(found);
    });

    test.each(CASES)('$name, packed, through the whole reader', async ({ body }) => {
      const file = surround(body);
      const { told, broken } = await tellAll(gzipSync(file));
      expect(broken).toBeUndefined();
      expect(textsTold(told, 'record').filter((text) => good.includes(text))).toEqual(good);
      const { values, bad } = splitBody(file);
      const emptyLists = values.filter(({ text }) => /^\[\s*\]$/.test(text)).length;
      expect(told.length).toBe(values.length + bad.length - emptyLists);
    });
  });
});

/** What was found lies in order, nothing twice, and all that lies between is blank or a comma. */
function expectAllAccountedFor(file: Buffer, { values, bad }: SplitBody): void {
  let at = 0;
  let between = '';
  for (const { start, end } of [...values, ...bad].sort((a, b) => a.start - b.start)) {
    expect(start).toBeGreaterThanOrEqual(at);
    between += file.toString('latin1', at, start);
    at = end;
  }
  expect((between + file.toString('latin1', at)).replace(/[\s,]/g, '')).toBe('');
}
