import { expect, test } from 'vitest';
import { readKeyLayout } from '../../src/layouts/key-layout.js';

const TRAIL = '123456789012_CloudTrail_us-east-1_20230110T0615Z_AbCdEfGhIjKlMnOp.json.gz';

test.each([
  ['AWSLogs/123456789012/CloudTrail-Digest/us-east-1/2023/01/10/x.json.gz', 'CloudTrail digest'],
  ['123456789012_CloudTrail-Digest_us-east-1_trail_us-east-1_20230110T061500Z.json.gz', 'CloudTrail digest'],
  ['AWSLogs/o-abc/123456789012/CloudTrail-Insight/us-east-1/2023/01/10/x.json.gz', 'CloudTrail Insights events'],
  ['123456789012_CloudTrail-Insight_us-east-1_20230110T0615Z_AbC.json.gz', 'CloudTrail Insights events'],
  ['AWSLogs/123456789012/CloudTrail-Lake/Query/2023/01/10/id/result_1.csv.gz', 'CloudTrail Lake query results'],
  ['.DS_Store', 'hidden file'],
  ['logs/.DS_Store', 'hidden file'],
  ['logs/._calls.json', 'hidden file'],
  ['..data.json', 'hidden file'],
  ['.git/HEAD', 'hidden folder'],
  ['logs/.snapshot/calls.json', 'hidden folder'],
  ['..2023_01_10/calls.json', 'hidden folder'],
  ['_SUCCESS', 'table or job metadata'],
  ['year=2023/_SUCCESS', 'table or job metadata'],
  ['_metadata', 'table or job metadata'],
  ['_committed_123', 'table or job metadata'],
  ['table/_delta_log/00000000000000000000.json', 'table or job metadata'],
  ['table/_temporary/0/part-0.json', 'table or job metadata'],
  ['__MACOSX/calls.json', 'file of the operating system'],
  ['Thumbs.db', 'file of the operating system'],
  ['logs_$folder$', 'folder marker'],
  ['README', 'documentation'],
  ['a/readme.txt', 'documentation'],
  ['LICENSE', 'documentation'],
  ['notes/howto.md', 'documentation'],
  ['part-0.json.gz.md5', 'checksum'],
  ['part-0.json.crc', 'checksum'],
  ['SHA256SUMS', 'checksum'],
  ['checksums.txt', 'checksum'],
])('%s is skipped: %s', (key, reason) => {
  expect(readKeyLayout(key).skip).toBe(reason);
});

test.each([
  [`AWSLogs/123456789012/CloudTrail/us-east-1/2023/01/10/${TRAIL}`],
  ['AWSLogs/123456789012/CloudTrail-Lake/events.json'],
  ['calls.json'],
  ['_audit/calls.json'],
  ['_calls.json'],
  ['_year=2023/calls.json'],
  ['a/../calls.json'],
  ['./calls.json'],
  ['a/...'],
  ['a//calls.json'],
  ['readme-calls.json'],
  ['LICENSE.json'],
  ['my.md.json'],
  ['README.d/calls.json'],
  ['metadata.json'],
  ['no-extension'],
  ['logs/'],
])('%s is not skipped', (key) => {
  expect(readKeyLayout(key).skip).toBeUndefined();
});
