import {
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { FillFlags } from '../../../src/cli/cache-flags.js';
import { cacheFolder } from '../../../src/cli/cache-folder.js';
import { cachedReading } from '../../../src/cli/cached-reading.js';
import { mergeOpened } from '../../../src/cli/compact-source.js';
import type { CommandFlags } from '../../../src/cli/flags.js';
import { openCompaction } from '../../../src/cli/open-compaction.js';
import { noteRepeated } from '../../../src/cli/note-repeated.js';
import { planReading } from '../../../src/cli/plan-reading.js';
import { openReadingRun } from '../../../src/cli/reading-run.js';
import { withRunResources } from '../../../src/cli/run-resources.js';
import { readLedger } from '../../../src/compaction/read-ledger.js';
import type { Accounting } from '../../../src/dataset/accounting.js';
import type { Engine } from '../../../src/engines/engine.js';
import { askQuestions } from '../../../src/queries/ask-questions.js';
import { plainQuery } from '../../../src/queries/plain-query.js';
import { apiCall } from '../../commands/made-calls.js';
import { newFolder } from '../../commands/run-awsusage.js';
import { openRun } from '../../dataset/open-source.js';
import { type Chance, seededChance } from '../../records/seeded-chance.js';
import { caseName, casesOf, chanceOf } from '../compaction/seeds.js';

const TOOL = '0.0.0-test';
/** Where a row came from is known of loaded ones alone. */
const ALL = {
  loaded: 'SELECT * FROM api_calls ORDER BY ALL',
  inPlace: 'SELECT * EXCLUDE (object_key) FROM api_calls ORDER BY ALL',
};

/** The flags of a command line without any. */
const FLAGS: FillFlags & CommandFlags = {
  ...{ since: undefined, until: undefined, timezone: undefined, lateness: undefined, memory: undefined },
  ...{ service: undefined, operation: undefined, account: undefined, 'region-name': undefined, principal: undefined },
  ...{ 'errors-only': false, where: undefined, dedupe: true, 'show-secrets': false, quarantine: undefined },
  ...{ 'allow-partial': true, 'merged-only': false, 'dry-run': false, bucket: undefined, prefix: undefined },
  ...{ 'endpoint-url': undefined, region: undefined, profile: undefined, 'no-sign-request': false },
  ...{ 'request-payer': false, 'expected-bucket-owner': undefined, 'max-bytes': 'none' },
  ...{ 'connect-timeout': undefined, 'read-timeout': undefined, output: 'table' as const, json: false },
  ...{ 'csv-raw': false, quiet: true, 'no-color': false, cache: true },
};

interface Answer {
  readonly rows: readonly string[];
  readonly accounting: Pick<Accounting, 'records' | 'reasons'> & { readonly objects: object };
  /** How many objects came from the cache. */
  readonly cached: number;
}

class Source {
  readonly folder = newFolder();
  readonly table: string;
  readonly #chance: Chance;
  /** The sessions that each object holds, by its key: what is in the answer, as far as nothing in it is damaged. */
  readonly #sessions = new Map<string, readonly string[]>();
  #count = 0;

  constructor(chance: Chance) {
    this.#chance = chance;
    const place = { location: { kind: 'path' as const, path: this.folder }, access: undefined };
    const folder = cacheFolder({ ...place, toolVersion: TOOL, env: process.env, cwd: process.cwd() });
    if (folder === undefined) throw new Error('a folder has a place in the cache');
    this.table = folder.table;
    mkdirSync(folder.path, { recursive: true, mode: 0o700 });
  }

  get keys(): readonly string[] {
    return [...this.#sessions.keys()];
  }

  expected(): readonly string[] {
    return [...new Set([...this.#sessions.values()].flat())].sort();
  }

  add(): string {
    const hour = String(this.#chance.below(4)).padStart(2, '0');
    const end = this.#chance.pick(['.json', '.json.gz']);
    return this.write(`year=2026/month=10/day=0${1 + this.#chance.below(2)}/hour=${hour}/${++this.#count}${end}`);
  }

  write(key: string): string {
    const sessions = Array.from({ length: this.#chance.below(4) }, () => `s-${++this.#count}`);
    const others = this.expected();
    // Delivered twice.
    if (others.length > 0 && this.#chance.hits(0.2)) sessions.push(this.#chance.pick(others));
    const lines = sessions.map((id) => apiCall({ session_id: id, event_id: id, more: this.#count % 3 }));
    // Each with something that is put aside: the whole object then is read itself.
    if (this.#chance.hits(0.15)) lines.splice(this.#chance.below(lines.length + 1), 0, '{"timestamp": ');
    const text = lines.map((line) => `${line}\n`).join('');
    const path = join(this.folder, key);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, key.endsWith('.gz') ? gzipSync(text) : text);
    this.#sessions.set(key, sessions);
    return `write ${key} (${sessions.join(' ')})`;
  }

  /** The same size and the same time, other bytes: only the time of the change tells. */
  forge(key: string): string {
    const path = join(this.folder, key);
    const { atime, mtime } = statSync(path);
    if (key.endsWith('.gz')) return this.write(key);
    const text = readFileSync(path, 'utf8').replaceAll('"s-', '"t-');
    writeFileSync(path, text);
    utimesSync(path, atime, mtime);
    this.#sessions.set(
      key,
      (this.#sessions.get(key) ?? []).map((id) => id.replace('s-', 't-')),
    );
    return `forge ${key}`;
  }

  remove(key: string): string {
    rmSync(join(this.folder, key));
    this.#sessions.delete(key);
    return `remove ${key}`;
  }

  /** Cut in the middle of what it holds: how much of it is read is not told here. */
  cut(key: string): string {
    const path = join(this.folder, key);
    truncateSync(path, this.#chance.below(statSync(path).size + 1));
    this.isExact = false;
    return `cut ${key}`;
  }

  /** Whether `expected` tells the whole answer. */
  isExact = true;

  touch(key: string): string {
    utimesSync(join(this.folder, key), new Date(), new Date(1_700_000_000_000 + this.#chance.below(1e9)));
    return `touch ${key}`;
  }

  /** Breaks a file of the cache. */
  damage(): string {
    const root = dirname(this.table);
    const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    if (files.length === 0) return 'nothing to damage';
    const { parentPath, name } = this.#chance.pick(files);
    const path = join(parentPath, name);
    const bytes = readFileSync(path);
    const how = this.#chance.pick(['flip', 'cut', 'remove', 'empty']);
    if (how === 'remove') rmSync(path);
    else if (how === 'empty') writeFileSync(path, '');
    else if (how === 'cut') writeFileSync(path, bytes.subarray(0, this.#chance.below(bytes.length + 1)));
    else {
      const at = this.#chance.below(Math.max(1, bytes.length));
      bytes[at] = (bytes[at] ?? 0) ^ (1 << this.#chance.below(8));
      writeFileSync(path, bytes);
    }
    return `${how} ${path.slice(root.length)}`;
  }
}

/** Fills the cache; `diesAt`: with the statement of this number, as if the process were killed. */
async function fill({ folder, table }: Source, diesAt = Infinity): Promise<void> {
  const run = openRun();
  let statements = 0;
  const dying = async (): Promise<Engine> => {
    const engine = await run.openEngine();
    return new Proxy(engine, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]): unknown => {
          if (['run', 'rows'].includes(String(name)) && ++statements >= diesAt) throw new Error('killed');
          return Reflect.apply(value, target, args);
        };
      },
    });
  };
  await withRunResources(FLAGS, async (resources) => {
    const source = { ...FLAGS, to: table, format: 'api-call', 'partition-by': 'none' as const };
    const opened = await openCompaction([folder], source, resources);
    await mergeOpened(
      opened,
      {
        flags: { codec: 'zstd', sort: 'none', concurrency: 2 },
        limits: { minFiles: 1, minAgeMs: 0, maxWaitMs: Infinity, targetBytes: 20_000, now: Date.now() },
        openEngine: dying,
        toolVersion: TOOL,
        isStopping: () => false,
        onPlan: () => undefined,
      },
      resources,
    );
    const stores = await opened.prepare.open();
    const { slots } = await readLedger({ ...stores, get: (key) => opened.prepare.ledger.get(key) });
    const { data } = stores;
    if (data !== undefined) await noteRepeated({ path: dirname(table), slots, data, openEngine: dying }, resources);
  });
}

interface Asking {
  /** What happens between the look at the cache and the reading. */
  readonly meanwhile?: () => void;
  /** Where the calls are asked. */
  readonly where?: keyof typeof ALL;
}

async function ask(
  { folder }: Source,
  flags: Partial<CommandFlags>,
  { meanwhile = () => undefined, where = 'loaded' }: Asking = {},
): Promise<Answer> {
  const asked = { ...FLAGS, ...flags };
  const answers: Answer[] = [];
  await withRunResources(asked, async (resources) => {
    const listed = await planReading([folder], asked, resources);
    const { reading } = await cachedReading(listed, { flags: asked, sources: [folder], toolVersion: TOOL }, resources);
    meanwhile();
    const { openEngine } = openRun();
    const opening = { engine: openEngine(), openEngine, openAnother: openEngine };
    const query = plainQuery({ name: 'all', summary: '', sql: ALL[where] });
    const { dataset, answers: given } = await askQuestions({
      ...(await openReadingRun(reading, asked, { resources, opening })),
      questions: [{ query: where === 'loaded' ? { ...query, file: 'a file' } : query, parameters: {}, limit: 0 }],
    });
    const rows: string[] = [];
    for await (const { chunks } of given)
      for await (const chunk of chunks) rows.push(...chunk.map((row) => row.map(String).join('|')));
    const { accounting } = dataset;
    const { cached = 0, ...objects } = accounting.objects;
    const reasons = accounting.reasons.map(({ reason, count }) => ({ reason, count, example: '' }));
    answers.push({ rows, accounting: { objects, records: accounting.records, reasons }, cached });
  });
  return answers[0]!;
}

beforeEach(() => {
  vi.stubEnv('AWSUSAGE_CACHE', 'on');
  vi.stubEnv('XDG_CACHE_HOME', newFolder());
  mkdirSync(join(process.env['XDG_CACHE_HOME'] ?? '', 'awsusage'), { mode: 0o700 });
});

afterEach(() => void vi.unstubAllEnvs());

describe('a cache', () => {
  const filledSource = async (): Promise<Source> => {
    const source = new Source(seededChance(3));
    for (let object = 0; object < 6; object++) source.add();
    await fill(source);
    return source;
  };

  test('of which any byte of a merged file is another one is not read', { timeout: 120_000 }, async () => {
    const source = await filledSource();
    const { rows } = await ask(source, { cache: false });
    const [slot = ''] = readdirSync(source.table).map((name) => join(source.table, name));
    const bytes = readFileSync(slot);
    for (let at = 0; at < bytes.length; at += Math.ceil(bytes.length / 30)) {
      writeFileSync(
        slot,
        bytes.map((byte, place) => (place === at ? byte ^ 1 : byte)),
      );
      const answer = await ask(source, {});
      expect({ at, rows: answer.rows, cached: answer.cached }).toEqual({ at, rows, cached: 0 });
    }
    writeFileSync(slot, bytes);
    expect((await ask(source, {})).cached).toBeGreaterThan(0);
  });

  test.each(['loaded', 'inPlace'] as const)('that is removed while it is read is as none (%s)', async (where) => {
    const source = await filledSource();
    const without = await ask(source, { cache: false }, { where });
    expect((await ask(source, {}, { where })).cached).toBeGreaterThan(0);
    const answer = await ask(
      source,
      {},
      {
        where,
        meanwhile: () => rmSync(dirname(source.table), { recursive: true }),
      },
    );
    expect(answer).toEqual(without);
  });
});

describe('a source that changes, with a cache that is filled, killed and damaged', () => {
  test.each(casesOf({ whole: 500, few: 6 }))(
    `${caseName(0).replace('case 0', 'case %i')}: the answers are those without a cache`,
    { timeout: 120_000 },
    async (number) => {
      const chance = chanceOf('cache', number);
      const source = new Source(chance);
      const told = [source.add(), source.add(), source.add()];
      let cached = 0;
      for (let round = 0; round < 2; round++) {
        const diesAt = chance.hits(0.25) ? 1 + chance.below(25) : Infinity;
        told.push(diesAt === Infinity ? 'fill' : `fill, killed at ${diesAt}`);
        await fill(source, diesAt).catch((error: unknown) => told.push(`  ${String(error)}`));
        for (let change = chance.below(4); change > 0; change--) told.push(changeSomething(source, chance));
        const window: Partial<CommandFlags> = chance.hits(0.3) ? { since: '2026-10-02T00:00:00Z', lateness: '0s' } : {};
        const where = chance.pick(['loaded', 'inPlace'] as const);
        const withCache = await ask(source, window, { where }).catch(messageOf);
        const without = await ask(source, { ...window, cache: false }, { where }).catch(messageOf);
        told.push(`ask ${JSON.stringify(window)} (${where})`);
        if (typeof withCache === 'string' || typeof without === 'string') {
          expect(withCache, told.join('\n')).toEqual(without);
          continue;
        }
        expect(without.cached).toBe(0);
        cached += withCache.cached;
        expect({ told, rows: withCache.rows }).toEqual({ told, rows: without.rows });
        expect({ told, accounting: withCache.accounting }).toEqual({ told, accounting: without.accounting });
        if (source.isExact && window.since === undefined) {
          const sessions = withCache.rows.map((row) => /[st]-\d+/.exec(row)?.[0]).sort();
          expect({ told, sessions }).toEqual({ told, sessions: source.expected() });
        }
      }
      CACHED.count += cached;
    },
  );

  test('and most of the answers were made with it', () => {
    expect(CACHED.count).toBeGreaterThan(casesOf({ whole: 500, few: 6 }).length * 2);
  });
});

/** How many objects came from the cache in all cases. */
const CACHED = { count: 0 };

function changeSomething(source: Source, chance: Chance): string {
  if (source.keys.length < 2 || chance.hits(0.3)) return source.add();
  const key = chance.pick(source.keys);
  return chance.pick([
    () => source.write(key),
    () => source.forge(key),
    () => source.remove(key),
    () => source.cut(key),
    () => source.touch(key),
    () => source.damage(),
  ])();
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
