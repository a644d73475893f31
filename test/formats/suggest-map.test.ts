import { expect, test } from 'vitest';
import { configFormats } from '../../src/formats/config-format.js';
import { suggestMap } from '../../src/formats/suggest-map.js';

function suggested(keys: readonly string[]) {
  const map = JSON.parse(suggestMap(keys)) as {
    formats: { detect: { all: string[] }; columns: Record<string, unknown> }[];
  };
  expect(configFormats(map.formats, 'formats').length).toBe(1);
  return map.formats[0];
}

test('guesses the columns by name', () => {
  const format = suggested(['ts', 'userName', 'action', 'client-ip', 'http_status', 'payload', 'odd']);
  expect(format?.columns).toEqual({
    timestamp: '$.ts',
    service: { sql: "'my-app'" },
    operation: '$.action',
    principal: '$.userName',
    source_ip: '$.client-ip',
    status_code: '$.http_status',
    request: '$.payload',
  });
  expect(
    format?.detect.all.every((key) => ['ts', 'userName', 'action', 'client-ip', 'http_status'].includes(key)),
  ).toBe(true);
});

test('a key counts for one column only, and keys need no plain name', () => {
  expect(suggested(['@timestamp', 'event', 'the key', 'user.id'])?.columns).toEqual({
    timestamp: '$."@timestamp"',
    service: { sql: "'my-app'" },
    operation: '$.event',
    principal: '$."user.id"',
  });
});

test('leaves what it cannot guess to be filled in', () => {
  expect(suggested(['a', 'b"c', '__proto__'])?.columns).toEqual({
    timestamp: '$.TODO',
    service: { sql: "'my-app'" },
    operation: '$.TODO',
  });
});
