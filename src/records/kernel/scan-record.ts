// AssemblyScript. Scans one record, notes where its members lie, and tells its sequence of keys among those that were taught.
import { hasEscape, skipBlanks, stringEnd, value } from './json-values';

const MAX_MEMBERS: i32 = 512;

/** Kinds of members, as far as writing them differs. */
export const TEXT: u8 = 1;
export const ESCAPED_TEXT: u8 = 2;
export const NULL: u8 = 3;
export const OTHER: u8 = 4;

/** A node of the tree of key sequences, as the caller lays it out: six 32-bit numbers. Behind the key's bytes stands a quote. */
const NODE_KEY: usize = 0;
const NODE_KEY_LENGTH: usize = 4;
const NODE_CHILD: usize = 8;
const NODE_SIBLING: usize = 12;
const NODE_LATEST: usize = 16;
const NODE_PLAN: usize = 20;

/** Of the record that was scanned last: where its members' values lie, what they are, and the node of its keys. */
const valueStarts = memory.data(MAX_MEMBERS * 4);
const valueEnds = memory.data(MAX_MEMBERS * 4);
const kinds = memory.data(MAX_MEMBERS);
let shape: usize = 0;

export function startOf(member: i32): usize {
  return load<u32>(valueStarts + ((<usize>member) << 2));
}

export function endOf(member: i32): usize {
  return load<u32>(valueEnds + ((<usize>member) << 2));
}

export function kindOf(member: i32): u8 {
  return load<u8>(kinds + <usize>member);
}

/** How records of these keys are written; 0 where they are not to be. */
export function planOf(): usize {
  return load<u32>(shape + NODE_PLAN);
}

/** Scans the object that begins at `open` and notes its members. Gives the position behind it; 0 for one that is left to the careful reader. */
export function record(root: usize, open: usize): usize {
  let node = root;
  let members: i32 = 0;
  let at = skipBlanks(open + 1);
  if (load<u8>(at) == 0x7d) return 0;
  while (true) {
    if (load<u8>(at) != 0x22) return 0;
    const keyStart = at + 1;
    const latest: usize = load<u32>(node + NODE_LATEST);
    if (latest != 0 && isKey(latest, keyStart)) {
      node = latest;
      at = keyStart + load<u32>(latest + NODE_KEY_LENGTH) + 1;
    } else {
      at = stringEnd(keyStart);
      if (at == 0) return 0;
      node = findChild(node, keyStart, at - 1 - keyStart);
      if (node == 0) return 0;
    }
    at = skipBlanks(at);
    if (load<u8>(at) != 0x3a || members == MAX_MEMBERS) return 0;
    at = skipBlanks(at + 1);
    store<u32>(valueStarts + ((<usize>members) << 2), <u32>at);
    const first = load<u8>(at);
    let kind = OTHER;
    if (first == 0x22) {
      at = stringEnd(at + 1);
      kind = hasEscape ? ESCAPED_TEXT : TEXT;
    } else {
      if (first == 0x6e) kind = NULL;
      at = value(at, 2);
    }
    if (at == 0) return 0;
    store<u32>(valueEnds + ((<usize>members) << 2), <u32>at);
    store<u8>(kinds + <usize>members, kind);
    members++;
    at = skipBlanks(at);
    const byte = load<u8>(at);
    if (byte == 0x7d) {
      shape = node;
      return at + 1;
    }
    if (byte != 0x2c) return 0;
    at = skipBlanks(at + 1);
  }
}

function findChild(parent: usize, keyStart: usize, length: usize): usize {
  for (let child: usize = load<u32>(parent + NODE_CHILD); child != 0; child = load<u32>(child + NODE_SIBLING)) {
    if (load<u32>(child + NODE_KEY_LENGTH) == <u32>length && isKey(child, keyStart)) {
      store<u32>(parent + NODE_LATEST, <u32>child);
      return child;
    }
  }
  return 0;
}

/** Whether the node's key stands at `at`; its closing quote is part of it. */
function isKey(node: usize, at: usize): bool {
  const key: usize = load<u32>(node + NODE_KEY);
  let left: i32 = load<i32>(node + NODE_KEY_LENGTH) + 1;
  let i: usize = 0;
  while (left > 16) {
    if (i8x16.bitmask(i8x16.eq(v128.load(key + i), v128.load(at + i))) != 0xffff) return false;
    i += 16;
    left -= 16;
  }
  const wanted: i32 = (1 << left) - 1;
  return (i8x16.bitmask(i8x16.eq(v128.load(key + i), v128.load(at + i))) & wanted) == wanted;
}
