import { isWhiteSpace } from './between-values.js';
import { CONTAINER, type JsonScanner } from './json-scanner.js';
import { CUT, INVALID } from './value-scanner.js';
import { isRecordKey } from './record-shapes.js';

/**
 * Scans one member of an object (key, colon, value) from behind the comma before it. The answers are those of
 * `JsonScanner.scan` with `containers`: CONTAINER says that the member is a list of records, which begins at
 * `scanner.containerAt`. A value that ends with the bytes is CUT.
 */
export function scanMember(scanner: JsonScanner, bytes: Uint8Array, from: number): number {
  const end = bytes.length;
  const key = skipWhite(bytes, from);
  if (key === end) return CUT;
  const keyEnd = scanner.scanString(bytes, key, end);
  if (keyEnd < 0) return keyEnd;
  const colon = skipWhite(bytes, keyEnd);
  if (colon === end) return CUT;
  if (bytes[colon] !== 0x3a) return INVALID;
  const start = skipWhite(bytes, colon + 1);
  if (start === end) return CUT;
  const isList = bytes[start] === 0x5b && isRecordKey(bytes.subarray(key + 1, keyEnd - 1));
  const first = isList ? skipWhite(bytes, start + 1) : start;
  if (first === end) return CUT;
  if (isList && bytes[first] === 0x7b) {
    scanner.containerAt = start + 1;
    return CONTAINER;
  }
  const next = scanner.scan(bytes, start, end);
  return next === end ? CUT : next;
}

function skipWhite(bytes: Uint8Array, from: number): number {
  let i = from;
  while (i < bytes.length && isWhiteSpace(bytes[i]!)) i++;
  return i;
}
