import { describe, expect, test } from 'vitest';
import type { Fault, FaultRule } from '../s3/faults.js';
import { seededRandom } from '../s3/seeded-random.js';
import { checkHonesty, checkOutcome, type Expected } from './check-outcome.js';
import { isGet, isList } from './request-kinds.js';
import { ATTEMPTS, runFaultCase, useSuiteCredentials } from './run-fault-case.js';
import { smallLogs } from './stored-logs.js';

useSuiteCredentials();

const LOGS = smallLogs();
const XML = '<?xml version="1.0" encoding="UTF-8"?>';
const LAST = '<IsTruncated>false</IsTruncated>';
const GARBLED: Expected = { kind: 'refused', reason: /the answer cannot be understood/ };

describe.concurrent('a page that is not whole is asked for again', () => {
  test.each([
    ['that does not say whether it is the last', '<KeyCount>0</KeyCount>'],
    ['that does not say where the next begins', '<KeyCount>0</KeyCount><IsTruncated>true</IsTruncated>'],
    ['that is the last, and has one after it', `${LAST}<NextContinuationToken>a</NextContinuationToken>`],
    ['with fewer keys than it counts', `<KeyCount>3</KeyCount>${LAST}`],
    [
      'with a key that cannot be decoded',
      `<EncodingType>url</EncodingType>${page('<Key>logs/%E0</Key><Size>5</Size>')}`,
    ],
    ['with a key without a name', page('<Size>5</Size><ETag>"a"</ETag>')],
    ['with a key without a size', page('<Key>logs/a.json</Key><ETag>"a"</ETag>')],
    ['with a size that is none', page('<Key>logs/a.json</Key><Size>5x</Size><ETag>"a"</ETag>')],
    ['with a key that was not asked for', page('<Key>other/a.json</Key><Size>5</Size><ETag>"a"</ETag>')],
  ])('%s', async (seed, content) => {
    const body = `${XML}<ListBucketResult>${content}</ListBucketResult>`;
    const fault: Fault = { kind: 'answer', status: 200, body, headers: { 'content-type': 'application/xml' } };
    const once = await runFaultCase({ seed, logs: LOGS, rules: [{ match: isList, times: 1, fault }], strikes: 1 });
    checkOutcome(once, { kind: 'whole' }, LOGS);
    const ever = await runFaultCase({ seed, logs: LOGS, rules: [{ match: isList, fault }], strikes: ATTEMPTS });
    checkOutcome(ever, GARBLED, LOGS);
  });
});

describe.concurrent('a byte of a page that was turned over on its way', () => {
  test.each(Array.from({ length: 40 }, (_, index) => `byte ${index}`))('%s', async (seed) => {
    const at = Math.floor(seededRandom('pages', seed)() * 1200);
    const rules: FaultRule[] = [{ match: isList, times: 1, fault: { kind: 'flip', at } }];
    checkHonesty(await runFaultCase({ seed, logs: LOGS, rules, strikes: 1 }), LOGS);
  });
});

describe.concurrent('what is not the object never passes for it', () => {
  const { body } = LOGS.logs.get('a.json') ?? { body: Buffer.alloc(0) };
  const other = body.toString().replaceAll('a-', 'b-');

  test.each<[string, Record<string, string>]>([
    ['without an ETag', {}],
    ['with another ETag', { etag: '"0123456789abcdef0123456789abcdef"' }],
  ])('a body of the same length %s', async (seed, headers) => {
    expect(other).toHaveLength(body.length);
    const fault: Fault = { kind: 'answer', status: 200, body: other, headers };
    const match = isGet('a.json');
    const once = await runFaultCase({ seed, logs: LOGS, rules: [{ match, times: 1, fault }], strikes: 1 });
    checkOutcome(once, { kind: 'whole' }, LOGS);
    const ever = await runFaultCase({ seed, logs: LOGS, rules: [{ match, fault }] });
    checkOutcome(ever, { kind: 'without', key: 'a.json', reason: /changed while|cannot be understood/ }, LOGS);
  });
});

function page(key: string): string {
  return `<KeyCount>1</KeyCount>${LAST}<Contents>${key}</Contents>`;
}
