const NEWLINE = 0x0a;

/**
 * Where records may begin again behind a broken value: the next line whose first byte is `{` or `[`, indented no deeper than
 * the line on which the value began (so that the inner lines of a pretty-printed value do not pass for records).
 * @returns the position of that byte, or -1 when there is no such line before `end`
 */
export function findResync(
  bytes: Uint8Array,
  start: number,
  end: number,
  indent = leadingIndent(bytes, start),
): number {
  let newline = bytes.indexOf(NEWLINE, start);
  while (newline >= 0 && newline < end) {
    let i = newline + 1;
    while (i < end && (bytes[i] === 0x20 || bytes[i] === 0x09)) i++;
    const byte = i < end ? bytes[i] : undefined;
    if ((byte === 0x7b || byte === 0x5b) && i - newline - 1 <= indent) return i;
    newline = bytes.indexOf(NEWLINE, newline + 1);
  }
  return -1;
}

/** How many blanks stand before `at` on its line; 0 when anything else stands there. */
export function leadingIndent(bytes: Uint8Array, at: number): number {
  let i = at;
  while (i > 0 && (bytes[i - 1] === 0x20 || bytes[i - 1] === 0x09)) i--;
  return i === 0 || bytes[i - 1] === NEWLINE ? at - i : 0;
}

/**
 * Where a broken object or array ends when only its brackets and strings are looked at; a string ends with its line at the latest.
 * @returns the position behind the closing bracket, or -1 when the brackets do not balance before `end`
 */
export function lenientEnd(bytes: Uint8Array, start: number, end: number): number {
  if (bytes[start] !== 0x7b && bytes[start] !== 0x5b) return -1;
  let depth = 0;
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!;
    if (byte === 0x22) i = skipString(bytes, i + 1, end);
    else if (byte === 0x7b || byte === 0x5b) depth++;
    else if ((byte === 0x7d || byte === 0x5d) && --depth === 0) return i + 1;
  }
  return -1;
}

function skipString(bytes: Uint8Array, from: number, end: number): number {
  let i = from;
  while (i < end && bytes[i] !== 0x22 && bytes[i] !== NEWLINE) i += bytes[i] === 0x5c ? 2 : 1;
  return i;
}

/** The nesting of log shippers, as deep as it goes. */
const WRAPPERS = /^(?:\{\s*"(?:aws|cloudtrail|detail)"\s*:\s*)+(?=\{)/;
const LONGEST_WRAPPERS = 256;

/** Where the inner object of a shipper's nesting (`{"aws":{"cloudtrail":{`) begins, or -1 where there is no such nesting. */
export function findWrapped(bytes: Uint8Array, start: number, end: number): number {
  const head = Buffer.from(bytes.subarray(start, Math.min(end, start + LONGEST_WRAPPERS))).toString('latin1');
  const match = WRAPPERS.exec(head);
  return match === null ? -1 : start + match[0].length;
}
