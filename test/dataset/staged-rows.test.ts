import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { stagedSource } from '../../src/dataset/load-sql.js';
import { StagedRows } from '../../src/dataset/staged-rows.js';
import type { Engine } from '../../src/engines/engine.js';
import { seededChance, type Chance } from '../records/seeded-chance.js';
import { openRun } from './open-source.js';

type Cell = string | null;

const CONTROLS = Array.from({ length: 32 }, (_, code) => String.fromCharCode(code));

const STRANGE: readonly Cell[] = [
  null,
  '',
  ' ',
  'NULL',
  'null',
  '\\N',
  '"',
  '""',
  "'",
  ',',
  'a\nb',
  'a\r\nb',
  '\n',
  '\r',
  '\n\n\n',
  '\x1d',
  '\x1e',
  '\x1f',
  '\x1e\x1e',
  '\x1f\n\x1e\x1d',
  'a\x1d',
  '\x1da',
  '\x1e\n',
  '\n\x1e',
  'a\x1fb',
  '#',
  '# comment',
  '\\',
  'a\\"b',
  '\u007f\u0080\u009f\u2028\u2029\ufeff\ufffd',
  'é日本\u{1f600}',
  ...CONTROLS,
  CONTROLS.join(''),
  'x'.repeat(100_000),
];

describe('staged rows', () => {
  test('any text arrives byte for byte, in the first column and in the last', async () => {
    const rows = STRANGE.flatMap((cell) => [
      [cell, 'plain', cell],
      ['plain', cell, null],
      [cell, cell, ''],
    ]);
    expect(await roundTrip(rows)).toEqual(numbered(rows));
  });

  test('text of five megabytes, with line breaks and without', async () => {
    const rows = [
      ['x'.repeat(5_000_000), 'a', null],
      ['a', '\nä'.repeat(1_700_000), '\x1e'.repeat(1000)],
      [null, 'b', '"\\'.repeat(2_500_000)],
    ];
    expect(await roundTrip(rows)).toEqual(numbered(rows));
  });

  test('one text of sixty megabytes, within the memory that an engine has', async () => {
    const { folder, openEngine } = openRun(256_000_000);
    const { path, longestRow } = stage([['a', 'x'.repeat(60_000_000), 'b']], folder);
    const source = stagedSource(path, ['object_number', 'a', 'b', 'c'], longestRow);
    expect(await (await openEngine()).rows(`SELECT length(b), c FROM ${source}`)).toEqual([[60_000_000n, 'b']]);
  });

  test('many rows over many blocks of the file, each with line breaks at other places', async () => {
    const chance = seededChance(11);
    const rows = Array.from({ length: 40_000 }, () => [anyText(chance), anyText(chance), anyText(chance)]);
    expect(await fingerprints(rows, 'engine')).toEqual(await fingerprints(rows, 'plain'));
  });

  test('bytes and text come out the same', async () => {
    const { folder, openEngine } = openRun();
    const staged = new StagedRows(() => join(folder, 'rows.csv'));
    const bytes = Buffer.from('..a\x1eb\n..');
    staged.addBytes(bytes, 2, 6);
    staged.addPlain(bytes, 0, 3);
    staged.addInteger(12);
    staged.endRow();
    const { path, longestRow } = staged.take()!;
    const source = stagedSource(path, ['a', 'b', 'object_number'], longestRow);
    expect(await (await openEngine()).rows(`SELECT * FROM ${source}`)).toEqual([['a\x1eb\n', '..a', 12n]]);
  });

  test('nothing is nothing, and what was taken does not come again', async () => {
    const { folder, openEngine } = openRun();
    let files = 0;
    const staged = new StagedRows(() => join(folder, `${++files}.csv`));
    expect(staged.take()).toBeUndefined();
    const engine = await openEngine();
    for (const text of ['first', 'second']) {
      staged.addText(text);
      staged.endRow();
      const { path, rows, longestRow } = staged.take()!;
      expect(rows).toBe(1);
      expect(await engine.rows(`SELECT * FROM ${stagedSource(path, ['a'], longestRow)}`)).toEqual([[text]]);
    }
    expect(files).toBe(2);
    expect(staged.take()).toBeUndefined();
  });
});

/** Mostly short and plain; now and then long, or full of what the dialect is made of. */
function anyText({ below, hits, pick }: Chance): Cell {
  if (hits(0.1)) return null;
  if (hits(0.1)) return Array.from({ length: below(12) }, () => pick(STRANGE.slice(0, 30)) ?? '').join('');
  if (hits(0.01)) return `${'long \n'.repeat(below(4000))}end`;
  return `value ${below(1000)}`.repeat(below(6));
}

function numbered(rows: readonly (readonly Cell[])[]): (bigint | Cell)[][] {
  return rows.map((row, i) => [BigInt(i), ...row]);
}

function stage(rows: readonly (readonly Cell[])[], folder: string): { path: string; longestRow: number } {
  const staged = new StagedRows(() => join(folder, 'rows.csv'));
  for (const [i, row] of rows.entries()) {
    staged.addInteger(i);
    for (const cell of row) {
      if (cell === null) staged.addNull();
      else staged.addText(cell);
    }
    staged.endRow();
  }
  return staged.take()!;
}

async function roundTrip(rows: readonly (readonly Cell[])[]): Promise<unknown> {
  return withStaged(rows, (engine, source) => engine.rows(`SELECT * FROM ${source} ORDER BY 1`));
}

async function withStaged<T>(
  rows: readonly (readonly Cell[])[],
  ask: (engine: Engine, source: string) => Promise<T>,
): Promise<T> {
  const { folder, openEngine } = openRun();
  const { path, longestRow } = stage(rows, folder);
  const answer = await ask(await openEngine(), stagedSource(path, ['object_number', 'a', 'b', 'c'], longestRow));
  rmSync(path);
  return answer;
}

/** Per thousand rows: how many, and how many NULLs and characters; and the sum of all their numbers times lengths. */
async function fingerprints(rows: readonly (readonly Cell[])[], by: 'engine' | 'plain'): Promise<unknown> {
  if (by === 'engine') {
    const cells = ['a', 'b', 'c'];
    const sum = (of: (cell: string) => string): string => `CAST(sum(${cells.map(of).join(' + ')}) AS BIGINT)`;
    return withStaged(rows, (engine, source) =>
      engine.rows(
        `SELECT object_number // 1000, count(*), ${sum((cell) => `CAST(${cell} IS NULL AS INTEGER)`)},
           ${sum((cell) => `coalesce(strlen(${cell}), 0)`)},
           ${sum((cell) => `object_number * (strlen(coalesce(${cell}, '')) - strlen(replace(coalesce(${cell}, ''), chr(10), '')))`)}
         FROM ${source} GROUP BY 1 ORDER BY 1`,
      ),
    );
  }
  const groups = Array.from({ length: Math.ceil(rows.length / 1000) }, (_, group) => group);
  return groups.map((group) => {
    const members = rows.slice(group * 1000, group * 1000 + 1000);
    const total = (of: (cell: Cell, i: number) => number): bigint =>
      BigInt(members.flatMap((row, i) => row.map((cell) => of(cell, group * 1000 + i))).reduce((sum, n) => sum + n, 0));
    return [
      BigInt(group),
      BigInt(members.length),
      total((cell) => (cell === null ? 1 : 0)),
      total((cell) => Buffer.byteLength(cell ?? '')),
      total((cell, i) => i * ((cell ?? '').split('\n').length - 1)),
    ];
  });
}
