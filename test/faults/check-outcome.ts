import { inspect } from 'node:util';
import { expect } from 'vitest';
import { checkConservation } from '../../src/dataset/accounting.js';
import type { Outcome } from './ask-bucket.js';
import type { StoredLog, StoredLogs } from './stored-logs.js';

/** What must come of a question: all of the logs, all without one object or folder that is named with a reason, or an error. */
export type Expected =
  | { readonly kind: 'whole' }
  | { readonly kind: 'without'; readonly key: string; readonly reason: RegExp }
  | { readonly kind: 'refused'; readonly reason: RegExp };

type Answered = Extract<Outcome, { kind: 'answered' }>;

/** Holds what came against what was stored, by counts made without the program. */
export function checkOutcome(outcome: Outcome, expected: Expected, logs: StoredLogs): void {
  if (expected.kind === 'refused') {
    expect(outcome).toMatchObject({ kind: 'refused' });
    if (outcome.kind === 'refused') expect(outcome.error.message).toMatch(expected.reason);
    return;
  }
  if (outcome.kind === 'refused') throw outcome.error;
  const lost = expected.kind === 'whole' ? [] : keysBelow(logs, expected.key);
  checkRows(outcome, logs, lost);
  if (expected.kind === 'whole') {
    expect(outcome.accounting).toMatchObject({ bytes: bytesOf([...logs.logs.values()]) });
    expect(failures(outcome, logs)).toEqual([]);
    return;
  }
  expect(failures(outcome, logs)).toEqual([
    { reason: expect.stringMatching(expected.reason) as string, count: 1, example: expected.key },
  ]);
}

/**
 * Whatever came, it must be true: each object is there with all of its records, or it is missing and counted as failed, itself
 * or its folder; or there is no answer at all.
 */
export function checkHonesty(outcome: Outcome, logs: StoredLogs): void {
  if (outcome.kind === 'refused') return;
  const { rows, accounting, unlisted } = outcome;
  const lost = [...logs.logs.keys()].filter((key) => !rows.has(key));
  for (const [key, ids] of rows) expect(ids, key).toEqual(logs.logs.get(key)?.ids);
  const failedObjects = accounting.objects.failed - unlisted.length;
  const inFolders = lost.filter((key) => unlisted.some((folder) => key.startsWith(folder.key)));
  expect(failedObjects, `${lost.join(', ')} missing`).toBeGreaterThanOrEqual(lost.length - inFolders.length);
  expect(checkConservation(accounting)).toBeUndefined();
}

/** No text that a user may ever see has one of these in it: the error with its causes and all that hangs on them, too. */
export function checkSecrets(outcome: Outcome, secrets: readonly string[]): void {
  const shown = inspect(outcome, { depth: 12, showHidden: false, maxStringLength: Infinity, maxArrayLength: 2000 });
  for (const secret of secrets) expect(shown.includes(secret), 'a secret is shown').toBe(false);
}

function checkRows({ rows, accounting, unlisted }: Answered, { logs, skipped }: StoredLogs, lost: string[]): void {
  const there = [...logs].filter(([key]) => !lost.includes(key));
  expect(Object.fromEntries(rows)).toEqual(Object.fromEntries(there.map(([key, { ids }]) => [key, ids])));
  const kept = there.reduce((sum, [, { ids }]) => sum + ids.length, 0);
  const failed = unlisted.length > 0 ? unlisted.length : lost.length;
  expect(accounting).toMatchObject({
    objects: { listed: there.length + skipped.length + failed, read: there.length, skipped: skipped.length, failed },
    records: { read: kept, kept, duplicate: 0, filtered: 0, quarantined: 0 },
  });
  expect(checkConservation(accounting)).toBeUndefined();
}

/** The reasons but that of the objects that are no logs by their names. */
function failures({ accounting }: Answered, { skipped }: StoredLogs) {
  const others = accounting.reasons.filter(({ example }) => !skipped.includes(example));
  const names = accounting.reasons.filter(({ example }) => skipped.includes(example));
  expect(names.reduce((sum, { count }) => sum + count, 0)).toBe(skipped.length);
  return others;
}

function keysBelow({ logs }: StoredLogs, key: string): string[] {
  return [...logs.keys()].filter((one) => one === key || (key.endsWith('/') && one.startsWith(key)));
}

function bytesOf(logs: readonly StoredLog[]): { read: number; decompressed: number } {
  return {
    read: logs.reduce((sum, { body }) => sum + body.length, 0),
    decompressed: logs.reduce((sum, { unpackedBytes }) => sum + unpackedBytes, 0),
  };
}
