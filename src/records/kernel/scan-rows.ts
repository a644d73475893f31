// AssemblyScript: the build makes dist/records/scan-rows.wasm of this file. It reads records that leave no doubt straight into
// staged rows, sixteen bytes at a time, and stops before the first one that does: that one is for the careful reader.
// Memory belongs to the caller, who puts at least 64 zero bytes behind the input.
import { isBlank, isWhite } from './json-values';
import { record } from './scan-record';
import { beginRows, count, hasPlan, longest, output, setOutput, sink, writeRow } from './write-row';

/** What the last scan took. */
let taken: usize = 0;
let behindComma: bool = false;

/** The position behind the last record that was taken, with what follows it. */
export function position(): usize {
  return taken;
}

export function rowsEnd(): usize {
  return output;
}

export function rowCount(): i32 {
  return count;
}

/** In bytes, with its line feed. */
export function longestRow(): usize {
  return longest;
}

export function rowSink(): u32 {
  return sink;
}

export function isBehindComma(): bool {
  return behindComma;
}

/** Says where the rows of the scans to come go, and where the text of their first column lies. */
export function setRows(start: usize, limit: usize, text: usize, textLength: usize): void {
  setOutput(start, limit, text, textLength);
}

/**
 * Reads records with a line feed or nothing between them, from `start` on, as long as they are of one sink. A record counts
 * once its line feed or the next one is there, or `end` with `last`.
 */
export function scanLines(root: usize, start: usize, end: usize, last: bool): void {
  begin(start);
  let at = start;
  while (true) {
    while (isWhite(load<u8>(at))) at++;
    if (load<u8>(at) != 0x7b) break;
    let next = record(root, at);
    if (next == 0 || !hasPlan()) break;
    while (isBlank(load<u8>(next)) || load<u8>(next) == 0x0d) next++;
    const follower = load<u8>(next);
    if (follower != 0x0a && follower != 0x7b && !(last && next == end)) break;
    if (!writeRow(next - at)) break;
    at = follower == 0x0a ? next + 1 : next;
    taken = at;
  }
}

/** Reads the elements of an array, each one record, from `start` on, up to and with the comma behind the last that is taken. */
export function scanList(root: usize, start: usize): void {
  begin(start);
  let at = start;
  while (true) {
    // How far an element is indented means something to the careful reader.
    while (load<u8>(at) == 0x0a || load<u8>(at) == 0x0d) at++;
    if (load<u8>(at) != 0x7b) break;
    let next = record(root, at);
    if (next == 0 || !hasPlan()) break;
    const length = next - at;
    while (isWhite(load<u8>(next))) next++;
    const follower = load<u8>(next);
    if (follower != 0x2c && follower != 0x5d) break;
    if (!writeRow(length)) break;
    behindComma = follower == 0x2c;
    at = behindComma ? next + 1 : next;
    taken = at;
    if (!behindComma) break;
  }
}

function begin(start: usize): void {
  beginRows();
  taken = start;
  behindComma = false;
}
