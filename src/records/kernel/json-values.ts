// AssemblyScript. The grammar of RFC 8259 over bytes that end in zeros: a zero is wrong wherever JSON goes on, so that nothing
// here looks for the end. What is refused is not always wrong: escapes that engines refuse and line breaks inside values are
// left to the careful reader, too.

/** Deeper values are left to the careful reader, which knows the limit. */
const MAX_DEPTH: i32 = 500;

/** What may stand behind a backslash, but for `u`. */
const shortEscapes = memory.data(256);
for (let i = 0; i < 8; i++) store<u8>(shortEscapes + <usize>'"\\/bfnrt'.charCodeAt(i), 1);

/** Whether the string that was scanned last has escapes. */
export let hasEscape: bool = false;

/** The position behind the value that begins at `at`, or 0. */
export function value(at: usize, depth: i32): usize {
  switch (load<u8>(at)) {
    case 0x22:
      return stringEnd(at + 1);
    case 0x7b:
      return object(at, depth);
    case 0x5b:
      return array(at, depth);
    case 0x74:
      return load<u32>(at) == 0x65757274 ? at + 4 : 0;
    case 0x66:
      return load<u32>(at + 1) == 0x65736c61 ? at + 5 : 0;
    case 0x6e:
      return load<u32>(at) == 0x6c6c756e ? at + 4 : 0;
    default:
      return number(at);
  }
}

function object(open: usize, depth: i32): usize {
  if (depth > MAX_DEPTH) return 0;
  let at = skipBlanks(open + 1);
  if (load<u8>(at) == 0x7d) return at + 1;
  while (true) {
    if (load<u8>(at) != 0x22) return 0;
    at = stringEnd(at + 1);
    if (at == 0) return 0;
    at = skipBlanks(at);
    if (load<u8>(at) != 0x3a) return 0;
    at = value(skipBlanks(at + 1), depth + 1);
    if (at == 0) return 0;
    at = skipBlanks(at);
    const byte = load<u8>(at);
    if (byte == 0x7d) return at + 1;
    if (byte != 0x2c) return 0;
    at = skipBlanks(at + 1);
  }
}

function array(open: usize, depth: i32): usize {
  if (depth > MAX_DEPTH) return 0;
  let at = skipBlanks(open + 1);
  if (load<u8>(at) == 0x5d) return at + 1;
  while (true) {
    at = value(at, depth + 1);
    if (at == 0) return 0;
    at = skipBlanks(at);
    const byte = load<u8>(at);
    if (byte == 0x5d) return at + 1;
    if (byte != 0x2c) return 0;
    at = skipBlanks(at + 1);
  }
}

function number(from: usize): usize {
  let at = load<u8>(from) == 0x2d ? from + 1 : from;
  if (load<u8>(at) == 0x30) at++;
  else {
    at = digits(at);
    if (at == 0) return 0;
  }
  if (load<u8>(at) == 0x2e) {
    at = digits(at + 1);
    if (at == 0) return 0;
  }
  if ((load<u8>(at) | 0x20) == 0x65) {
    at++;
    if (load<u8>(at) == 0x2b || load<u8>(at) == 0x2d) at++;
    at = digits(at);
  }
  return at;
}

function digits(from: usize): usize {
  let at = from;
  while (<u8>(load<u8>(at) - 0x30) <= 9) at++;
  return at > from ? at : 0;
}

/** The position behind the string whose first byte is at `from`; 0 for one that is wrong, or holds what engines refuse. */
export function stringEnd(from: usize): usize {
  let at = from;
  hasEscape = false;
  while (true) {
    let special = specialsOf(at);
    // Text inside JSON text has an escape every few bytes: all of a block's are looked at before the next is loaded.
    let next = at + 16;
    while (special != 0) {
      const found = at + ctz(special);
      const byte = load<u8>(found);
      if (byte == 0x22) return found + 1;
      if (byte != 0x5c) return 0;
      hasEscape = true;
      const behind = isShortEscape(load<u8>(found + 1)) ? found + 2 : unicodeEscapeEnd(found + 1);
      if (behind == 0) return 0;
      if (behind > next) next = behind;
      const passed = <i32>(behind - at);
      special = passed >= 16 ? 0 : special & (-1 << passed);
    }
    at = next;
  }
}

function isShortEscape(letter: u8): bool {
  return load<u8>(shortEscapes + <usize>letter) != 0;
}

/** A bit for each of sixteen bytes that is a quote, a backslash or a control character. */
export function specialsOf(at: usize): i32 {
  const bytes = v128.load(at);
  return i8x16.bitmask(
    v128.or(
      v128.or(i8x16.eq(bytes, i8x16.splat(0x22)), i8x16.eq(bytes, i8x16.splat(0x5c))),
      i8x16.lt_u(bytes, i8x16.splat(0x20)),
    ),
  );
}

/** The position behind the escape whose `u` is at `at`; 0 for other letters, U+0000 and half a surrogate pair. */
function unicodeEscapeEnd(at: usize): usize {
  if (load<u8>(at) != 0x75) return 0;
  const unit = hex4(at + 1);
  if (unit <= 0) return 0;
  if (unit < 0xd800 || unit > 0xdfff) return at + 5;
  if (unit >= 0xdc00 || load<u16>(at + 5) != 0x755c) return 0;
  const low = hex4(at + 7);
  return low >= 0xdc00 && low <= 0xdfff ? at + 11 : 0;
}

/** The number that four hexadecimal digits write, or -1. */
export function hex4(at: usize): i32 {
  let unit: i32 = 0;
  for (let i: usize = 0; i < 4; i++) {
    const digit = hexDigit(load<u8>(at + i));
    if (digit < 0) return -1;
    unit = (unit << 4) | digit;
  }
  return unit;
}

function hexDigit(byte: u8): i32 {
  if (<u8>(byte - 0x30) <= 9) return byte - 0x30;
  const lower: u8 = byte | 0x20;
  return <u8>(lower - 0x61) <= 5 ? lower - 0x61 + 10 : -1;
}

export function skipBlanks(from: usize): usize {
  let at = from;
  while (isBlank(load<u8>(at))) at++;
  return at;
}

/** A line break inside a record is left to the careful reader. */
export function isBlank(byte: u8): bool {
  return byte == 0x20 || byte == 0x09;
}

export function isWhite(byte: u8): bool {
  return byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09;
}
