import type { JsonScanner } from '../records/json-scanner.js';
import { readJsonString, replaceLoneSurrogates } from '../records/json-string.js';
import { KIND } from '../records/value-scanner.js';
import type { StagedRows } from './staged-rows.js';

/** One member of the record that was scanned last. */
export interface StagedMember {
  readonly bytes: Uint8Array;
  readonly member: number;
  /** Text keeps its quotes and escapes. */
  readonly isJson: boolean;
}

/**
 * Stages a member's value: the text of a string, and anything else as its JSON text; nothing for null. Halves of surrogate
 * pairs become U+FFFD.
 */
export function addMember(rows: StagedRows, scanner: JsonScanner, { bytes, member, isJson }: StagedMember): void {
  const kind = scanner.kind[member]!;
  const start = scanner.valueStart[member]!;
  const end = scanner.valueEnd[member]!;
  if (kind === KIND.null || kind === KIND.dash) rows.addNull();
  else if (kind === KIND.string && !isJson) rows.addPlain(bytes, start + 1, end - 1);
  else if (kind === KIND.escaped && !isJson) rows.addText(readJsonString(bytes, start, end));
  else addJson(rows, scanner, { bytes, start, end });
}

/** Stages JSON text of the record that was scanned last. */
export function addJson(
  rows: StagedRows,
  { oddEscape, multiline }: JsonScanner,
  { bytes, start, end }: { readonly bytes: Uint8Array; readonly start: number; readonly end: number },
): void {
  if (oddEscape) rows.addText(replaceLoneSurrogates(textOf(bytes, start, end)));
  else if (multiline) rows.addBytes(bytes, start, end);
  else rows.addPlain(bytes, start, end);
}

/** A member with its key, verbatim; a bare dash in place of the value is null. */
export function keyAndValue(scanner: JsonScanner, bytes: Uint8Array, member: number): string {
  const value = scanner.kind[member] === KIND.dash ? 'null' : valueText(scanner, bytes, member);
  return `"${textOf(bytes, scanner.keyStart[member]!, scanner.keyEnd[member]!)}":${value}`;
}

/** A member's value, verbatim. */
export function valueText(scanner: JsonScanner, bytes: Uint8Array, member: number): string {
  return textOf(bytes, scanner.valueStart[member]!, scanner.valueEnd[member]!);
}

/** Whether JSON text has the escape of half a surrogate pair. */
export function hasLoneSurrogate(json: string): boolean {
  return /\\u[dD]/.test(json) && replaceLoneSurrogates(json) !== json;
}

/** The bytes as text. */
export function textOf(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8');
}
