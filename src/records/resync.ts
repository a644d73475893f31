const NEWLINE = 0x0a;

/**
 * Where records may begin again behind a broken value: the next line whose first byte is `{` or `[`, indented no deeper than
 * `indent`, that of the line on which the value began (so that the inner lines of a pretty-printed value do not pass for records).
 * @returns the position of that byte, or -1 when there is no such line before `end`
 */
export function findResync(bytes: Uint8Array, start: number, end: number, indent: number): number {
  let newline = bytes.indexOf(NEWLINE, start);
  while (newline >= 0 && newline < end) {
    const at = recordOnLine(bytes, newline + 1, end, indent);
    if (at >= 0) return at;
    newline = bytes.indexOf(NEWLINE, newline + 1);
  }
  return -1;
}

function recordOnLine(bytes: Uint8Array, line: number, end: number, indent: number): number {
  let i = line;
  while (i < end && i - line <= indent && (bytes[i] === 0x20 || bytes[i] === 0x09)) i++;
  const opens = i < end && (bytes[i] === 0x7b || bytes[i] === 0x5b);
  return opens && i - line <= indent ? i : -1;
}

/**
 * How many blanks stand before `at` on its line; -1 where anything else does.
 * @param lead the same for the first of the bytes
 */
export function blanksBefore(bytes: Uint8Array, at: number, lead: number): number {
  let i = at;
  while (i > 0 && (bytes[i - 1] === 0x20 || bytes[i - 1] === 0x09)) i--;
  if (i > 0) return bytes[i - 1] === NEWLINE ? at - i : -1;
  return lead < 0 ? -1 : lead + at;
}

/**
 * Where a broken object or array ends when only its brackets and strings are looked at; a string ends with its line at the
 * latest, and the search before a line on which records may begin again (see `findResync`).
 * @returns the position behind the closing bracket, or -1 when the brackets do not balance before that
 */
export function lenientEnd(bytes: Uint8Array, start: number, end: number, indent: number): number {
  if (bytes[start] !== 0x7b && bytes[start] !== 0x5b) return -1;
  let depth = 0;
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!;
    if (byte === 0x22) i = skipString(bytes, i + 1, end) - 1;
    else if (byte === 0x7b || byte === 0x5b) depth++;
    else if ((byte === 0x7d || byte === 0x5d) && --depth === 0) return i + 1;
    else if (byte === NEWLINE && recordOnLine(bytes, i + 1, end, indent) >= 0) return -1;
  }
  return -1;
}

/** The position behind the string whose first character is at `from`; its line's end where it has no end before that. */
export function skipString(bytes: Uint8Array, from: number, end: number): number {
  let i = from;
  while (i < end && bytes[i] !== 0x22 && bytes[i] !== NEWLINE) {
    i += bytes[i] === 0x5c && bytes[i + 1] !== NEWLINE ? 2 : 1;
  }
  return i < end && bytes[i] === 0x22 ? i + 1 : Math.min(i, end);
}

/** So many values that begin inside bytes which were looked through in vain are looked for across lines. */
const MAX_RETRIES = 16;

/**
 * Keeps the search for good values behind a bad one linear: brackets that are never closed, one a line, would each be followed
 * to the end of the body. When the retries are used up, a value that begins there has to end on its line.
 */
export class RetryBudget {
  #failedUntil = 0;
  #failures = 0;

  /** Whether a value that begins at `offset` of the body has to end on its line. */
  isSpent(offset: number): boolean {
    if (offset >= this.#failedUntil) this.#failures = 0;
    return this.#failures >= MAX_RETRIES;
  }

  /** Notes that a value turned out bad at `offset` of the body. */
  failed(offset: number): void {
    this.#failures++;
    this.#failedUntil = Math.max(this.#failedUntil, offset);
  }
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
