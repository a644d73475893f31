// AssemblyScript. Writes records as staged rows; `src/dataset/staged-rows.ts` describes their dialect.
import { hex4, specialsOf } from './json-values';
import { endOf, ESCAPED_TEXT, kindOf, NULL, OTHER, planOf, startOf, TEXT } from './scan-record';

const DELIMITER: u8 = 0x1f;
const NULL_MARK: u8 = 0x1d;
const NEWLINE: u8 = 0x0a;
const COMMA: u8 = 0x2c;

/** A row holds what its record holds and little more: a mark and a delimiter a column, and the text of the first column. */
const ROW_EXTRA: usize = 4096;

/** A plan: where its rows go, how many columns, and for each column a member (or -1) and how it is written. */
const PLAN_SINK: usize = 0;
const PLAN_COLUMNS: usize = 4;
const PLAN_SOURCES: usize = 8;

/** How a member is written: as JSON, so that text keeps its quotes; with a mark (the second byte) where it is no text, or where it is. */
const AS_JSON: i32 = 1;
const MARKS_OTHER: i32 = 2;
const MARKS_TEXT: i32 = 4;

/** In place of a member: a text, the members that have no column, or the row's marks. What is behind it is a position, or nothing. */
const TEXT_COLUMN: i32 = -2;
const REST_COLUMN: i32 = -3;
const MARKS_COLUMN: i32 = -4;

const MAX_MARKS: i32 = 128;
const marks = memory.data(MAX_MARKS);
let markCount: i32 = 0;

/** Where rows go, and the text of their first column. */
let rowsStart: usize = 0;
let rowsLimit: usize = 0;
let prefix: usize = 0;
let prefixLength: usize = 0;

/** What was written since the beginning. */
export let output: usize = 0;
export let count: i32 = 0;
export let longest: usize = 0;
export let sink: u32 = 0;

/** Says where rows go, and where the text of their first column lies. */
export function setOutput(start: usize, limit: usize, text: usize, textLength: usize): void {
  rowsStart = start;
  rowsLimit = limit;
  prefix = text;
  prefixLength = textLength;
}

export function beginRows(): void {
  output = rowsStart;
  count = 0;
  longest = 0;
  sink = 0;
}

/** Whether the record that was scanned last is one to be written, and to the sink of those before it. */
export function hasPlan(): bool {
  const plan = planOf();
  return plan != 0 && (count == 0 || <u32>load<u32>(plan + PLAN_SINK) == sink);
}

/** Writes the row of the record that was scanned last; false, and nothing is written, where there is no room or a value needs care. */
export function writeRow(recordLength: usize): bool {
  const plan = planOf();
  const columns = load<i32>(plan + PLAN_COLUMNS);
  if (output + recordLength + ROW_EXTRA + 2 * <usize>columns > rowsLimit) return false;
  let out = copy(output, prefix, prefixLength);
  let source = plan + PLAN_SOURCES;
  markCount = 0;
  for (let column: i32 = 0; column < columns; column++, source += 8) {
    store<u8>(out, DELIMITER);
    out = writeColumn(out + 1, load<i32>(source), load<i32>(source + 4));
    if (out == 0) return false;
  }
  store<u8>(out, NEWLINE);
  out++;
  const length = out - output;
  if (length > longest) longest = length;
  output = out;
  sink = load<u32>(plan + PLAN_SINK);
  count++;
  return true;
}

/** Gives the position behind what was written, or 0. */
function writeColumn(out: usize, member: i32, how: i32): usize {
  if (member < -1) return writeOther(out, member, how);
  const kind = member < 0 ? NULL : kindOf(member);
  if (kind == NULL) {
    store<u8>(out, NULL_MARK);
    return out + 1;
  }
  const start = startOf(member);
  const end = endOf(member);
  if (how > AS_JSON) mark(kind, how);
  if ((how & AS_JSON) != 0 || kind == OTHER) return copy(out, start, end - start);
  if (kind == TEXT) return copy(out, start + 1, end - start - 2);
  return unescape(out, start + 1, end - 1);
}

function mark(kind: u8, how: i32): void {
  if ((how & (kind == OTHER ? MARKS_OTHER : MARKS_TEXT)) == 0 || markCount == MAX_MARKS) return;
  store<u8>(marks + <usize>markCount, <u8>(how >> 8));
  markCount++;
}

function writeOther(out: usize, column: i32, position: usize): usize {
  if (column == TEXT_COLUMN) return copy(out, position + 4, load<u32>(position));
  if (column == REST_COLUMN) return writeRest(out, position);
  if (markCount > 0) return copy(out, marks, markCount);
  store<u8>(out, NULL_MARK);
  return out + 1;
}

/** Writes members with commas between them: how many there are, and for each the member, where its key with quotes and colon lies, and the key's length. */
function writeRest(to: usize, list: usize): usize {
  let out = to;
  let each = list + 4;
  for (let left = load<i32>(list); left > 0; left--, each += 12) {
    const member = load<i32>(each);
    out = copy(out, load<u32>(each + 4), load<u32>(each + 8));
    const start = startOf(member);
    out = copy(out, start, endOf(member) - start);
    if (left > 1) {
      store<u8>(out, COMMA);
      out++;
    }
  }
  return out;
}

/** Copies in steps of sixteen bytes; what lies up to fifteen bytes behind is written over later. */
function copy(out: usize, from: usize, length: usize): usize {
  for (let i: usize = 0; i < length; i += 16) v128.store(out + i, v128.load(from + i));
  return out + length;
}

/** Writes the text that a string with escapes stands for. Gives 0 where a control character is in it, which would need quotes. */
function unescape(to: usize, from: usize, end: usize): usize {
  let out = to;
  let at = from;
  while (at < end) {
    const special = specialsOf(at);
    const plain: usize = min<usize>(special == 0 ? 16 : ctz(special), end - at);
    v128.store(out, v128.load(at));
    out += plain;
    at += plain;
    if (special == 0 || at == end) continue;
    const letter = load<u8>(at + 1);
    if (letter == 0x75) {
      const unit = hex4(at + 2);
      if (unit < 0x20) return 0;
      const isPair = unit >= 0xd800 && unit <= 0xdfff;
      out = writeUtf8(out, isPair ? 0x10000 + ((unit - 0xd800) << 10) + (hex4(at + 8) - 0xdc00) : unit);
      at += isPair ? 12 : 6;
    } else {
      if (letter != 0x22 && letter != 0x5c && letter != 0x2f) return 0;
      store<u8>(out, letter);
      out++;
      at += 2;
    }
  }
  return out;
}

function writeUtf8(out: usize, point: i32): usize {
  if (point < 0x80) {
    store<u8>(out, <u8>point);
    return out + 1;
  }
  if (point < 0x800) {
    store<u8>(out, <u8>(0xc0 | (point >> 6)));
    store<u8>(out + 1, <u8>(0x80 | (point & 0x3f)));
    return out + 2;
  }
  if (point < 0x10000) {
    store<u8>(out, <u8>(0xe0 | (point >> 12)));
    store<u8>(out + 1, <u8>(0x80 | ((point >> 6) & 0x3f)));
    store<u8>(out + 2, <u8>(0x80 | (point & 0x3f)));
    return out + 3;
  }
  store<u8>(out, <u8>(0xf0 | (point >> 18)));
  store<u8>(out + 1, <u8>(0x80 | ((point >> 12) & 0x3f)));
  store<u8>(out + 2, <u8>(0x80 | ((point >> 6) & 0x3f)));
  store<u8>(out + 3, <u8>(0x80 | (point & 0x3f)));
  return out + 4;
}
