import { describe, expect, test } from 'vitest';
import { isRecordKey, shapeKeys, ShapeTree, type ShapeNode } from '../../src/records/record-shapes.js';

function walk(tree: ShapeTree, ...keys: string[]): ShapeNode {
  let node = tree.root;
  for (const key of keys) {
    const bytes = Buffer.from(`"${key}"`);
    node = tree.step(node, bytes, 1, bytes.length - 1);
  }
  return node;
}

describe('a shape', () => {
  test('is the same for the same keys in the same order only', () => {
    const tree = new ShapeTree();
    const shape = walk(tree, 'a', 'b');
    expect(walk(tree, 'a', 'b')).toBe(shape);
    for (const other of [['b', 'a'], ['a'], ['ab'], ['a', 'b', 'b'], ['a', 'B']])
      expect(walk(tree, ...other)).not.toBe(shape);
    expect(walk(tree, 'a', 'b')).toBe(shape);
  });

  test('tells its keys, escapes resolved', () => {
    const tree = new ShapeTree();
    expect(shapeKeys(walk(tree))).toEqual([]);
    expect(shapeKeys(walk(tree, 'a', '', 'é', 'a', '\\u0041\\n', '__proto__'))).toEqual([
      'a',
      '',
      'é',
      'a',
      'A\n',
      '__proto__',
    ]);
  });

  test('does not keep the bytes in which its keys were found', () => {
    const tree = new ShapeTree();
    const chunk = Buffer.from('{"key":1}');
    expect(tree.step(tree.root, chunk, 2, 5).key.buffer.byteLength).toBe(3);
  });

  test('keeps what a reader noted', () => {
    const tree = new ShapeTree();
    walk(tree, 'a').meaning = 'something';
    expect(walk(tree, 'a').meaning).toBe('something');
    expect(walk(tree, 'b').meaning).toBeUndefined();
  });
});

test.each([
  ['Records', true],
  ['Events', true],
  ['logEvents', true],
  ['records', false],
  ['Record', false],
  ['', false],
  ['Records ', false],
])('%j may hold records: %s', (key, holds) => {
  expect(isRecordKey(Buffer.from(key))).toBe(holds);
  expect(walk(new ShapeTree(), 'x', key).holdsRecords).toBe(holds);
});

describe('many shapes', () => {
  test('of many children each is found again', () => {
    const tree = new ShapeTree();
    const shapes = Array.from({ length: 1000 }, (_, n) => walk(tree, 'a', `key${n}`));
    expect(new Set(shapes).size).toBe(1000);
    shapes.forEach((shape, n) => expect(walk(tree, 'a', `key${n}`)).toBe(shape));
  });

  test('keys that differ in bytes that are no text stay different', () => {
    const tree = new ShapeTree();
    const step = (byte: number): ShapeNode => tree.step(tree.root, Buffer.from([byte]), 0, 1);
    expect(new Set(Array.from({ length: 256 }, (_, byte) => step(byte))).size).toBe(256);
  });

  test('the tree starts again before it fills the memory', () => {
    const tree = new ShapeTree();
    const { root } = tree;
    for (let n = 0; n < 60_000; n++) walk(tree, `key${n}`);
    expect(tree.root).not.toBe(root);
    expect(shapeKeys(walk(tree, 'a', 'b'))).toEqual(['a', 'b']);
  });

  test('long keys count by their length', () => {
    const tree = new ShapeTree();
    const { root } = tree;
    for (let n = 0; n < 40; n++) walk(tree, `${'k'.repeat(1024 * 1024)}${n}`);
    expect(tree.root).not.toBe(root);
  });
});
