import { UserError } from '../errors.js';
import { COUNTINGS, type CallKind, type Counting } from './call-kind.js';
import { isDimension, type DimensionName } from './call-dimensions.js';
import { SNAPSHOT_MARK, type Snapshot } from './snapshot.js';

/** How the text of a snapshot begins, whoever has laid it out. */
const BEGINNING = /^\uFEFF?\s*\[\s*\{\s*"awsusage"\s*:\s*"snapshot"/;

/** Whether the beginning of a file is that of a snapshot. */
export function isSnapshotText(beginning: string): boolean {
  return BEGINNING.test(beginning);
}

/**
 * The snapshot that a value, as `JSON.parse` gave it, is. The order of its kinds does not matter.
 * @param name of the file, for errors
 * @throws UserError for another value, with the number of the kind
 */
export function parseSnapshot(value: unknown, name: string): Snapshot {
  const [header, ...lines] = Array.isArray(value) ? (value as readonly unknown[]) : [];
  const { awsusage, version, by, counts } = isObject(header) ? header : {};
  if (awsusage !== SNAPSHOT_MARK.awsusage) throw noSnapshot(name, 'it does not begin as one');
  if (version !== SNAPSHOT_MARK.version)
    throw noSnapshot(name, `it has version ${JSON.stringify(version)}, and this awsusage reads version 1`);
  if (!isDimensions(by)) throw noSnapshot(name, '"by" of its first line is no list of dimensions');
  if (!isCounting(counts)) throw noSnapshot(name, `"counts" of its first line is none of ${COUNTINGS.join(', ')}`);
  const kinds = lines.map((line, index) => readKind(line, { by, counts, name, number: index + 1 }));
  return { by, counts, kinds: refuseTwice(kinds, name) };
}

interface Reading {
  readonly by: readonly DimensionName[];
  readonly counts: Counting;
  readonly name: string;
  readonly number: number;
}

function readKind(value: unknown, { by, counts, name, number }: Reading): CallKind {
  const mistake = (problem: string): UserError => noSnapshot(name, `kind ${number} ${problem}`);
  if (!isObject(value)) throw mistake('is no object');
  const known: readonly string[] = [...by, ...(counts === 'none' ? [] : ['calls'])];
  const unknown = Object.keys(value).find((key) => !known.includes(key));
  if (unknown !== undefined) throw mistake(`has ${JSON.stringify(unknown)}, which its first line does not announce`);
  const values = by.map((dimension) => {
    const text = value[dimension] ?? null;
    if (text !== null && typeof text !== 'string') throw mistake(`has a ${dimension} that is no text`);
    return text;
  });
  const { calls } = value;
  if (counts === 'none') return { values };
  if (counts === 'range' && typeof calls === 'string' && /^\d+(-\d+)?$/.test(calls)) return { values, range: calls };
  if (counts === 'exact' && typeof calls === 'number' && Number.isSafeInteger(calls) && calls >= 0)
    return { values, calls: BigInt(calls) };
  throw mistake(`has no "calls" as "counts":"${counts}" wants them`);
}

function refuseTwice(kinds: readonly CallKind[], name: string): readonly CallKind[] {
  const seen = new Set<string>();
  for (const [index, { values }] of kinds.entries()) {
    const key = JSON.stringify(values);
    if (seen.has(key)) throw noSnapshot(name, `kind ${index + 1} is there twice`);
    seen.add(key);
  }
  return kinds;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isDimensions(value: unknown): value is readonly DimensionName[] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((one) => typeof one === 'string' && isDimension(one)) &&
    new Set(value).size === value.length
  );
}

function isCounting(value: unknown): value is Counting {
  return COUNTINGS.some((counting) => counting === value);
}

function noSnapshot(name: string, problem: string): UserError {
  return new UserError(`${name} is no snapshot that can be read: ${problem}`, {
    wayOut: 'A new one is made over it with awsusage snapshot SOURCE --to FILE.',
  });
}
