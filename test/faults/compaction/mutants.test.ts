import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { buildProgram, type Replacement } from '../../build-program.js';
import { ROOT } from '../../commands/run-awsusage.js';
import { isListOf, isRequest, useServer } from './bucket-place.js';
import { localPlace } from './local-place.js';
import { LIMIT_MS, openGate, reached } from './run-program.js';
import { IS_WHOLE, SEED } from './seeds.js';
import { compareNumbers, settle } from './settle-table.js';
import { keyOf, numbersOf, TestTable } from './test-table.js';

const newBucket = useServer();

/** A change of the protocol that looks harmless, and what happens by it. */
interface Mutant {
  readonly name: string;
  readonly replacements: readonly Replacement[];
  /** Something that may happen at any time; gives what is against the promise then. */
  readonly scenario: (program: string) => Promise<readonly string[]>;
  readonly violation: RegExp;
}

const FIRST_SLOT = /c-00000001\.parquet$/;
const COMMIT = 'compaction/commit-batch.ts';

const MUTANTS: readonly Mutant[] = [
  {
    name: 'a plain PUT in place of create-if-absent',
    replacements: [{ file: 'storage/s3-create-object.ts', passage: `, IfNoneMatch: '*'`, by: '' }],
    scenario: raceInBucket,
    violation: /lost/,
  },
  {
    name: 'a rename in place of a link',
    replacements: [
      {
        file: 'storage/create-file.ts',
        passage: 'await link(from, to);',
        by: `await (await import('node:fs/promises')).rename(from, to);`,
      },
      { file: 'storage/create-file.ts', passage: 'await unlink(from);', by: ';' },
    ],
    scenario: raceOnDisk,
    violation: /lost/,
  },
  {
    name: 'sources removed before the commit',
    replacements: [
      {
        file: 'compaction/merge-group.ts',
        passage: 'const result = await commitBatch(',
        by: `for (const one of staged.batch.inputs) await rm(Buffer.from(one.object.identity, 'latin1'));
    const result = await commitBatch(`,
      },
    ],
    scenario: killBeforeCommit,
    violation: /lost/,
  },
  {
    name: 'names of their own in place of slots',
    replacements: [
      {
        file: COMMIT,
        passage: 'const place = { partition, number };',
        by: `const place = { partition, number: 1 + Math.floor(Math.random() * 99_999_998) };`,
      },
    ],
    scenario: raceOnDisk,
    violation: /twice/,
  },
  {
    name: 'an unknown outcome tried again in the next slot',
    replacements: [
      {
        file: COMMIT,
        passage: 'const taken = known === undefined ? await takeSlot(batch, place, options) : undefined;',
        by: `const outcome = await tryToCreate(stores.slots, place, batch.body, factsOf(batch));
        if (outcome !== 'created')
            continue;
        const taken = factsOf(batch);`,
      },
    ],
    scenario: loseReply,
    violation: /twice/,
  },
  {
    name: 'the ledger read before the source is listed',
    replacements: [
      {
        file: 'compaction/read-tables.ts',
        passage: 'within: store });',
        by: 'within: store, early: await readLedger(table, request.judge) });',
      },
      {
        file: 'compaction/read-tables.ts',
        passage: 'const ledger = await readLedger(table, request.judge);',
        by: 'const ledger = table.early;',
      },
    ],
    scenario: mergeAndRemoveWhileRead,
    violation: /lost/,
  },
  {
    name: 'a GET without If-Match',
    replacements: [
      { file: 'storage/s3-get-object.ts', passage: `...(etag === '' ? {} : { 'if-match': etag }),`, by: '' },
      {
        file: 'storage/s3-get-object.ts',
        passage: `if (etag !== undefined && wanted !== '' && etag !== wanted)`,
        by: 'if (false)',
      },
    ],
    scenario: overwriteWhileMerged,
    violation: /another version/,
  },
  {
    name: 'a look, then a removal without a condition',
    replacements: [{ file: 'storage/s3-remove-object.ts', passage: 'IfMatch: version,', by: '' }],
    scenario: overwriteWhileRemoved,
    violation: /lost/,
  },
];

/** All of them, or two that the seed chooses. */
const CHOSEN = IS_WHOLE ? MUTANTS : MUTANTS.filter((_, at) => (at + SEED) % MUTANTS.length < 2);

describe.concurrent.each(CHOSEN)('$name', { timeout: LIMIT_MS }, ({ replacements, scenario, violation }) => {
  test('is seen to break the promise', async () => {
    expect((await scenario(buildProgram({ replacements }))).join('\n')).toMatch(violation);
  });

  test('and the program as it is keeps it', async () => {
    expect(await scenario(ROOT)).toEqual([]);
  });
});

/**
 * One run is held just before its slot is stored; meanwhile an object comes, another run merges all, and the object that came is
 * cleaned up.
 */
async function raceInBucket(program: string): Promise<readonly string[]> {
  const place = newBucket();
  const table = newTable(place);
  const held = place.hold(isRequest('PutObject', FIRST_SLOT));
  const slow = table.startCompact({ program });
  await held.arrived;
  table.write(keyOf(0, 'late.json'));
  const quick = await table.compact({ program });
  table.retire(keyOf(0, 'late.json'));
  held.release();
  return [...endsWith(0, await slow.ended, quick), ...(await settle(table, ['table']))];
}

/** The same on a disk. */
async function raceOnDisk(program: string): Promise<readonly string[]> {
  const table = newTable(localPlace());
  const gate = join(table.place.folder, 'gate');
  const rule = { path: '(link|rename) .*/c-\\d+\\.parquet$', phase: 'before', what: 'gate', gate } as const;
  const slow = table.startCompact({ program, rules: [rule] });
  await reached(gate, slow);
  table.write(keyOf(0, 'late.json'));
  const quick = await table.compact({ program });
  table.retire(keyOf(0, 'late.json'));
  openGate(gate);
  return [...endsWith(0, await slow.ended, quick), ...(await settle(table, ['table']))];
}

async function killBeforeCommit(program: string): Promise<readonly string[]> {
  const table = newTable(localPlace());
  await table.compact({ program, rules: [{ path: 'link .*parquet$', phase: 'before', what: 'kill' }] });
  table.write(keyOf(0, 'late.json'));
  return settle(table, ['table']);
}

/** The slot is stored, but nobody hears of it. */
async function loseReply(program: string): Promise<readonly string[]> {
  const place = newBucket();
  const table = newTable(place);
  place.fault(isRequest('PutObject', FIRST_SLOT), { kind: 'reset', at: 'head' });
  const end = await table.compact({ program });
  return [...endsWith(0, end), ...(await settle(table, ['table']))];
}

/** While a reader is about to list the source, the rest of it is merged and removed. */
async function mergeAndRemoveWhileRead(program: string): Promise<readonly string[]> {
  const place = newBucket();
  const table = newTable(place);
  await table.compact();
  table.write(keyOf(0, 'late.json'));
  const held = place.hold(isListOf('src/'));
  const reader = table.startAsk('table', { program });
  await held.arrived;
  await table.compact();
  table.retire(keyOf(0, 'late.json'));
  held.release();
  const end = await reader.ended;
  return end.code === 0 ? compareNumbers('table', numbersOf(end), await table.expected('table')) : [end.stderr];
}

/** An object is overwritten when it is listed, but not yet read. */
async function overwriteWhileMerged(program: string): Promise<readonly string[]> {
  const place = newBucket();
  const table = newTable(place);
  await table.compact();
  const key = table.write(keyOf(0, 'late.json')).key;
  const held = place.hold(isRequest('GetObject', /late\.json$/));
  const running = table.startCompact({ program });
  await held.arrived;
  table.overwrite(key);
  held.release();
  await running.ended;
  return settle(table, ['table']);
}

/** An object is overwritten when the clean-up has looked at it, and is about to remove it. */
async function overwriteWhileRemoved(program: string): Promise<readonly string[]> {
  const place = newBucket();
  const table = newTable(place);
  table.skipProbe({ conditionalBatchRemove: false });
  await table.compact();
  const held = place.hold(isRequest('DeleteObject', /\/a\.json$/));
  const removing = table.startGc({ program });
  await Promise.race([held.arrived, removing.ended]);
  const { key, bytes } = table.overwrite(keyOf(0, 'a.json'));
  held.release();
  const end = await removing.ended;
  const isKept = place.s3.get(place.bucket, `src/${key}`)?.equals(bytes) === true;
  const isClean = place.s3.get(place.bucket, `src/${keyOf(0, 'b.json')}`) === undefined;
  return [
    ...(isKept ? [] : [`the new version of ${key} is lost`]),
    ...(isClean ? [] : [`nothing was removed: ${end.stderr}`]),
  ];
}

function newTable(place: ConstructorParameters<typeof TestTable>[0]): TestTable {
  const table = new TestTable(place);
  table.skipProbe();
  table.write(keyOf(0, 'a.json'));
  table.write(keyOf(0, 'b.json'));
  return table;
}

function endsWith(code: number, ...ends: readonly { code: number | null; stderr: string }[]): string[] {
  return ends.flatMap((end) => (end.code === code ? [] : [`a run ended with ${end.code}: ${end.stderr}`]));
}
