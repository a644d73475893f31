import { EXIT_CODES } from '../errors.js';
import { annotate } from './annotate.js';
import { cacheMode, cacheRoot } from './cache-folder.js';
import { isTime, readCacheRecord } from './cache-record.js';
import { listCaches, readCacheLimit } from './cache-size.js';
import type { Filled } from './fill-cache.js';
import type { OutputFlags } from './flags.js';
import { formatBytes } from './format-amount.js';
import { isoText } from './plan-reading.js';
import { printSections } from './print-sections.js';

const text = (name: string): { name: string; type: 'text' } => ({ name, type: 'text' });
const integer = (name: string): { name: string; type: 'integer' } => ({ name, type: 'integer' });
const time = (name: string): { name: string; type: 'timestamp' } => ({ name, type: 'timestamp' });

/** Prints each source that is in the cache, those used last first, and on stderr where the cache is. */
export async function printCaches(flags: OutputFlags): Promise<void> {
  const root = cacheRoot(process.env);
  const limit = readCacheLimit(process.env);
  const caches = await listCaches(root);
  const rows = await Promise.all(
    caches.map(async ({ path, bytes, usedAt }) => {
      const record = await readCacheRecord(path);
      const filled = record === undefined || record.reason !== undefined ? null : isoText(record.filledAt);
      return [
        record?.source ?? null,
        BigInt(bytes),
        filled,
        isTime(usedAt) ? isoText(usedAt) : null,
        record?.reason ?? null,
      ];
    }),
  );
  const columns = [text('source'), integer('bytes'), time('filled'), time('used'), text('not_cached_because')];
  const printed = await printSections([{ title: 'cache', columns, rows }], flags, { folder: root, limit });
  if (printed === 'closed' || flags.quiet) return;
  const bytes = caches.reduce((sum, cache) => sum + cache.bytes, 0);
  const state = { on: '', read: ' · read only, by AWSUSAGE_CACHE', off: ' · off by AWSUSAGE_CACHE or CI' }[
    cacheMode(process.env)
  ];
  process.stderr.write(`cache: ${formatBytes(bytes)} of ${formatBytes(limit)} in ${root}${state}\n`);
}

/** Prints what was brought into the cache. */
export async function printFilled(filled: readonly Filled[], flags: OutputFlags): Promise<void> {
  const columns = [text('source'), integer('new_objects'), integer('cached_objects'), integer('rows'), integer('left')];
  const rows = filled.map(({ source, outcome }) => {
    if (outcome === undefined) return [source, null, null, null, null];
    const { merged, mergedBefore, listed, skipped } = outcome.objects;
    const cached = merged + mergedBefore;
    return [source, merged, cached, outcome.records.rows, listed - skipped - cached].map((value) =>
      typeof value === 'number' ? BigInt(value) : value,
    );
  });
  const printed = await printSections([{ title: 'filled', columns, rows }], flags);
  if (printed === 'closed' || filled.every(({ outcome }) => outcome !== undefined)) return;
  process.exitCode = EXIT_CODES.conflict;
  if (flags.quiet) return;
  process.stderr.write(`${FILLED_BY_ANOTHER}\n`);
  annotate({ level: 'error', title: 'awsusage: conflict', message: FILLED_BY_ANOTHER });
}

const FILLED_BY_ANOTHER = 'Another process is filling the cache.';
