import { describe, expect, test } from 'vitest';
import {
  fromJsonPointer,
  parseJsonPath,
  renderJsonPath,
  splitPaths,
  toJsonPointer,
} from '../../src/queries/json-path.js';

describe('a JSON path', () => {
  test.each([
    ['Bucket', ['Bucket']],
    [' Bucket ', ['Bucket']],
    ['$.Bucket', ['Bucket']],
    ['$["a.b"]', ['a.b']],
    ['$[0].a', ['0', 'a']],
    ['Tagging.TagSet[0].Key', ['Tagging', 'TagSet', '0', 'Key']],
    ['["a.b"].c["d"][12]', ['a.b', 'c', 'd', '12']],
    ['["a\\"b\\\\c"]', ['a"b\\c']],
    ['[""]', ['']],
    ['$schema', ['$schema']],
    ['x-amz-acl.a b', ['x-amz-acl', 'a b']],
  ])('%s is %j', (text, path) => {
    expect(parseJsonPath(text)).toEqual(path);
  });

  test.each([
    '',
    ' ',
    '.',
    '.a',
    'a.',
    'a..b',
    'a[',
    'a[]',
    'a[x]',
    'a["b]',
    'a"b"',
    'a]b',
    '["a"]b',
    'a.["b"]',
    'a.[0]',
  ])('%j cannot be read', (text) => {
    expect(() => parseJsonPath(text)).toThrow(/JSON path .* cannot be read/);
  });

  test.each([
    [['a']],
    [['a.b', '', '$x', 'c']],
    [['"', '\\', '\\"']],
    [[' a', 'b ']],
    [['a,b', '[0]', '$']],
    [['ü', '~0', '/', '~1/']],
  ])('%j survives being written and read', (path) => {
    expect(parseJsonPath(renderJsonPath(path))).toEqual(path);
    expect(fromJsonPointer(toJsonPointer(path))).toEqual(path);
    expect(splitPaths(`x,${renderJsonPath(path)},y`)).toEqual(['x', renderJsonPath(path), 'y']);
  });

  test('paths are cut at commas', () => {
    expect(splitPaths('Bucket, Key,a["b,c"].d,,')).toEqual(['Bucket', 'Key', 'a["b,c"].d']);
  });
});
