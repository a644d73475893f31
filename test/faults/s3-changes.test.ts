import { describe, expect, test } from 'vitest';
import { type Fault, type FaultRule, kmsDenied } from '../s3/faults.js';
import { checkHonesty, checkOutcome, type Expected } from './check-outcome.js';
import { isGet, isHead, isList } from './request-kinds.js';
import { runFaultCase, useSuiteCredentials } from './run-fault-case.js';
import {
  manyLogs,
  largeLog,
  logsWithLarge,
  logsWithParquet,
  packedLog,
  pagedLogs,
  parquetLog,
  smallLogs,
  type StoredLog,
  type StoredLogs,
  textLog,
} from './stored-logs.js';

useSuiteCredentials();

const WHOLE: Expected = { kind: 'whole' };
const SMALL = smallLogs();
const LARGE = logsWithLarge();
const PARQUET = await logsWithParquet();
const PAGED = pagedLogs();
const NEW = {
  text: textLog('new', 9),
  packed: packedLog('new'),
  large: largeLog('new'),
  parquet: await parquetLog('new'),
};

describe.concurrent('an object that is overwritten after it was listed is read as it is then', () => {
  test.each<[string, StoredLogs, string, StoredLog]>([
    ['small to small', SMALL, 'b.json', NEW.text],
    ['small to compressed', SMALL, 'a.json', NEW.packed],
    ['small to large', SMALL, 'b.json', NEW.large],
    ['small to Parquet', SMALL, 'c.json', NEW.parquet],
    ['large to small', LARGE, 'large.json', NEW.text],
    ['large to large', LARGE, 'large.json', NEW.large],
    ['Parquet to Parquet', PARQUET, 'table.parquet', NEW.parquet],
    ['Parquet to text', PARQUET, 'table.parquet', NEW.text],
    ['on an early page', PAGED, '0.json', NEW.text],
  ])('%s', async (seed, logs, key, log) => {
    const outcome = await runFaultCase({ seed, logs, rules: [change(key, log)], strikes: 1 });
    checkOutcome(outcome, WHOLE, replaced(logs, key, log));
  });

  test('twice', async () => {
    const rules = [change('b.json', NEW.packed), change('b.json', NEW.text)];
    const outcome = await runFaultCase({ seed: 'twice', logs: SMALL, rules, strikes: 2 });
    checkOutcome(outcome, WHOLE, replaced(SMALL, 'b.json', NEW.text));
  });

  test('all of them', async () => {
    const rules = ['a.json', 'b.json', 'c.json'].map((key) => change(key, textLog(`new-${key}`, 4)));
    const outcome = await runFaultCase({ seed: 'all', logs: SMALL, rules, strikes: 3 });
    const logs = new Map([...SMALL.logs.keys()].map((key) => [key, textLog(`new-${key}`, 4)]));
    checkOutcome(outcome, WHOLE, { ...SMALL, logs });
  });

  test.each<[string, StoredLogs, string, StoredLog]>([
    ['small', SMALL, 'b.json', NEW.text],
    ['large', LARGE, 'large.json', NEW.large],
    ['Parquet', PARQUET, 'table.parquet', NEW.parquet],
  ])('between two attempts: %s', async (seed, logs, key, log) => {
    const broken: FaultRule = { match: isGet(key), times: 1, fault: { kind: 'reset', at: 'middle' } };
    const outcome = await runFaultCase({ seed, logs, rules: [broken, change(key, log)], strikes: 2 });
    checkOutcome(outcome, WHOLE, replaced(logs, key, log));
  });

  test('while its folder is still being listed', async () => {
    const laterPage: FaultRule = {
      match: ({ query }) => 'continuation-token' in query,
      times: 1,
      fault: { kind: 'change', key: 'logs/0.json', body: NEW.text.body },
    };
    const outcome = await runFaultCase({ seed: 'listing', logs: PAGED, rules: [laterPage], strikes: 1 });
    checkOutcome(outcome, WHOLE, replaced(PAGED, '0.json', NEW.text));
  });

  test.each([
    ['small', SMALL, 'b.json'],
    ['large', LARGE, 'large.json'],
    ['Parquet', PARQUET, 'table.parquet'],
  ] as const)('but not when that never ends: %s', async (seed, logs, key) => {
    const outcome = await runFaultCase({ seed, logs, rules: [{ match: isGet(key), fault: { kind: 'change' } }] });
    checkOutcome(outcome, { kind: 'without', key, reason: /^changed while it was read/ }, logs);
  });
});

describe.concurrent('an object that is deleted after it was listed is named', () => {
  const gone = (key: string): Expected => ({ kind: 'without', key, reason: /^gone since it was listed/ });

  test.each([
    ['small', SMALL, 'b.json'],
    ['large', LARGE, 'large.json'],
    ['Parquet', PARQUET, 'table.parquet'],
    ['the last of several pages', PAGED, 'z.json'],
  ] as const)('%s', async (seed, logs, key) => {
    const rules: FaultRule[] = [{ match: isGet(key), times: 1, fault: { kind: 'delete' } }];
    checkOutcome(await runFaultCase({ seed, logs, rules, strikes: 1 }), gone(key), logs);
  });

  test('while it is looked at again', async () => {
    const rules: FaultRule[] = [change('b.json', NEW.text), { match: isHead, times: 1, fault: { kind: 'delete' } }];
    checkOutcome(await runFaultCase({ seed: 'head', logs: SMALL, rules, strikes: 2 }), gone('b.json'), SMALL);
  });

  test('while the rest of its folder is listed', async () => {
    const match: FaultRule['match'] = ({ query }) => 'continuation-token' in query;
    const rules: FaultRule[] = [{ match, times: 1, fault: { kind: 'delete', key: 'logs/0.json' } }];
    checkOutcome(await runFaultCase({ seed: 'later', logs: PAGED, rules, strikes: 1 }), gone('0.json'), PAGED);
  });
});

describe.concurrent('a refusal of one object names it, at once', () => {
  test.each<[string, Fault, RegExp]>([
    ['access denied', { kind: 'error', code: 'AccessDenied' }, /^access denied: s3:GetObject is not allowed$/],
    ['a key of KMS', kmsDenied(), /^access denied: kms:Decrypt is not allowed$/],
    ['Glacier', { kind: 'error', code: 'InvalidObjectState' }, /^archived \(Glacier\)/],
    ['a part of it', { kind: 'answer', status: 206, body: '{}' }, /answered 206$/],
    ['no content', { kind: 'answer', status: 204, body: '' }, /answered 204$/],
    ['another place', { kind: 'answer', status: 302, body: '', headers: { location: '/' } }, /answered 302$/],
  ])('%s', async (seed, fault, reason) => {
    const rules: FaultRule[] = [{ match: isGet('b.json'), fault }];
    const outcome = await runFaultCase({ seed, logs: SMALL, rules, strikes: 1 });
    checkOutcome(outcome, { kind: 'without', key: 'b.json', reason }, SMALL);
  });
});

describe.concurrent('credentials that expire in the middle', () => {
  const EXPIRED: Fault = { kind: 'error', code: 'ExpiredToken' };
  const laterPage: FaultRule['match'] = ({ query }) => 'continuation-token' in query;

  test.each<[string, FaultRule['match']]>([
    ['the first page', isList],
    ['a later page', laterPage],
    ['an object', isGet('500.json')],
  ])('are asked for again: %s', async (seed, match) => {
    const outcome = await runFaultCase({ seed, logs: PAGED, rules: [{ match, times: 1, fault: EXPIRED }], strikes: 1 });
    checkOutcome(outcome, WHOLE, PAGED);
  });

  test.each<[string, FaultRule['match']]>([
    ['the first page', isList],
    ['a later page', laterPage],
    ['all objects', ({ operation }) => operation === 'GetObject'],
  ])('and are not renewed: %s', async (seed, match) => {
    const outcome = await runFaultCase({ seed, logs: PAGED, rules: [{ match, fault: EXPIRED }] });
    checkOutcome(outcome, { kind: 'refused', reason: /the credentials have expired/ }, PAGED);
  });

  test('and are not renewed while objects are read: those that are left fail, without a request each', async () => {
    const logs = manyLogs(900);
    let gets = 0;
    const match: FaultRule['match'] = ({ operation }) => operation === 'GetObject' && ++gets > 300;
    const outcome = await runFaultCase({ seed: 'objects', logs, rules: [{ match, fault: EXPIRED }] });
    if (outcome.kind !== 'answered') throw outcome.error;
    checkHonesty(outcome, logs);
    const { read, failed } = outcome.accounting.objects;
    expect({ read, failed }).toEqual({ read: 300, failed: 600 });
    const [expired] = outcome.accounting.reasons;
    expect(expired).toMatchObject({ reason: 'the credentials have expired', count: 600 });
    expect(gets).toBeLessThan(500);
  });
});

function change(key: string, { body }: StoredLog): FaultRule {
  return { match: isGet(key), times: 1, fault: { kind: 'change', body } };
}

function replaced(logs: StoredLogs, key: string, log: StoredLog): StoredLogs {
  return { ...logs, logs: new Map([...logs.logs, [key, log]]) };
}
