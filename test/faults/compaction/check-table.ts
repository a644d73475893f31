import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { hashOf, numberOf, rowOf, type NumberedSource, type RecordNumber } from './numbered-source.js';
import { type PlainRow, readFooterText, readPlainRows } from './plain-parquet.js';

/** A merged table and its ledger as they lie in a folder. */
export interface TableFolders {
  readonly table: string;
  readonly ledger: string;
}

/** What a table holds, and what of it is against the protocol. */
export interface CheckedTable {
  /** A sentence each; empty where all is well. */
  readonly violations: readonly string[];
  /** The objects that went into slots: the hash of the bytes by the key. */
  readonly merged: ReadonlyMap<string, string>;
  readonly numbers: readonly RecordNumber[];
}

interface Input {
  readonly key: string;
  readonly version: string;
  readonly size: number;
  readonly sha256: string;
  readonly rows: number;
}

interface Plan {
  readonly batchId: string;
  readonly partition: string;
  readonly rows: number;
  readonly inputs: readonly Input[];
}

interface Slot {
  /** The file below the table. */
  readonly file: string;
  readonly partition: string;
  readonly number: number;
  readonly plan: Plan | undefined;
}

const SLOT = /^(?:(.*)\/)?c-(\d{8})\.parquet$/;

/**
 * Looks at the files of a table with nothing of the program: whether slots are dense, each has its plan, no object is in two of
 * them, each row is in its slot with its values, and none twice.
 * @param partitionKeys the names of the folders
 */
export async function checkTable(
  { table, ledger }: TableFolders,
  source: NumberedSource,
  partitionKeys: readonly string[],
): Promise<CheckedTable> {
  const found = new Violations();
  const slots = await readSlots({ table, ledger }, found);
  checkDense(slots, found);
  const rows = slots.length === 0 ? [] : await readPlainRows(table, partitionKeys);
  checkRows(rows, slots, { table, source, found });
  checkInputs(slots, source, found);
  checkCommits(ledger, slots, found);
  const inputs = slots.flatMap(({ plan }) => plan?.inputs ?? []);
  const merged = new Map(inputs.map(({ key, sha256 }) => [key, sha256]));
  return { violations: found.list, merged, numbers: rows.map(({ request }) => numberOf(request)) };
}

class Violations {
  readonly list: string[] = [];

  add(condition: boolean, text: string): void {
    if (condition) this.list.push(text);
  }
}

async function readSlots({ table, ledger }: TableFolders, found: Violations): Promise<Slot[]> {
  const slots: Slot[] = [];
  for (const file of filesBelow(table)) {
    const [, partition = '', digits] = SLOT.exec(file) ?? [];
    found.add(digits === undefined, `${file} is no slot`);
    if (digits === undefined) continue;
    const footer = await readFooterText(join(table, file)).catch(() => undefined);
    found.add(footer === undefined, `${file} cannot be read`);
    const plan = footer === undefined ? undefined : readPlan(ledger, footer, found);
    found.add(plan !== undefined && plan.partition !== partition, `${file} is of another partition`);
    slots.push({ file, partition, number: Number(digits), plan });
  }
  return slots;
}

function readPlan(ledger: string, footer: string, found: Violations): Plan | undefined {
  const { batchId, planSha256, rows } = JSON.parse(footer) as { batchId: string; planSha256: string; rows: number };
  try {
    const bytes = readFileSync(join(ledger, 'plans', `${batchId}.json.gz`));
    found.add(hashOf(bytes) !== planSha256, `the plan ${batchId} is another one`);
    const plan = JSON.parse(gunzipSync(bytes).toString('utf8')) as Plan;
    found.add(plan.rows !== rows, `the plan ${batchId} has other rows than its slot`);
    return plan;
  } catch {
    found.add(true, `the plan ${batchId} is missing`);
    return undefined;
  }
}

function checkDense(slots: readonly Slot[], found: Violations): void {
  const byPartition = groupBy(slots, ({ partition }) => partition);
  for (const [partition, own] of byPartition) {
    const numbers = own.map(({ number }) => number).sort((a, b) => a - b);
    const isDense = numbers.every((number, index) => number === index + 1);
    found.add(!isDense, `the slots of ${partition} have the numbers ${numbers.join(', ')}`);
  }
}

interface Compared {
  readonly table: string;
  readonly source: NumberedSource;
  readonly found: Violations;
}

function checkRows(rows: readonly PlainRow[], slots: readonly Slot[], { table, source, found }: Compared): void {
  const seen = new Set<RecordNumber>();
  const byObject = groupBy(rows, ({ file, objectKey }) => `${relative(table, file)} ${objectKey}`);
  for (const row of rows) {
    const number = numberOf(row.request);
    found.add(seen.has(number), `the record ${number} is there twice`);
    seen.add(number);
    found.add(!isWhole(row, number), `the record ${number} has other values`);
    found.add(!relative(table, row.file).startsWith(row.partition), `the record ${number} is in another partition`);
  }
  for (const { file, plan } of slots) {
    for (const { key, sha256, rows: count } of plan?.inputs ?? []) {
      const numbers = (byObject.get(`${file} ${key}`) ?? []).map(({ request }) => numberOf(request));
      const expected = source.bodies.get(sha256)?.numbers ?? [];
      found.add(numbers.length !== count, `${file} has ${numbers.length} rows of ${key}, its plan ${count}`);
      found.add(!isSameSet(numbers, expected), `${file} has lost or other records of ${key}`);
    }
    const keys = new Set(plan?.inputs.map(({ key }) => `${file} ${key}`));
    const strays = [...byObject.keys()].filter((name) => name.startsWith(`${file} `) && !keys.has(name));
    found.add(strays.length > 0, `${strays.join(', ')}: not in the plan`);
  }
}

function isWhole(row: PlainRow, number: RecordNumber): boolean {
  const { timestamp, operation, status, request, tag } = rowOf(number);
  const isSame = row.timestamp === timestamp && row.operation === operation && row.status === status;
  return isSame && row.request === request && row.extra.includes(JSON.stringify(tag));
}

function checkInputs(slots: readonly Slot[], source: NumberedSource, found: Violations): void {
  const holders = new Map<string, string>();
  for (const { file, plan } of slots) {
    for (const { key, version, sha256, size } of plan?.inputs ?? []) {
      const holder = holders.get(key);
      found.add(holder !== undefined, `${key} is in ${holder} and in ${file}`);
      holders.set(key, file);
      const body = source.bodies.get(sha256);
      // An ETag tells which bytes it is of.
      const isOther = version.startsWith('"') && body !== undefined && version !== `"${md5Of(body.bytes)}"`;
      found.add(isOther, `${file} names another version of ${key} than that of its bytes`);
      found.add(body?.key !== key, `${file} names bytes of ${key} that it never had`);
      found.add(
        body !== undefined && body.bytes.length !== size,
        `${file} names another size of ${key} than its bytes`,
      );
    }
  }
}

function md5Of(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex');
}

/** Copies of facts are derived: what they say is what the slot and its plan say. */
function checkCommits(ledger: string, slots: readonly Slot[], found: Violations): void {
  for (const file of filesBelow(join(ledger, 'commits'))) {
    const [, partition = '', digits] = /^(?:(.*)\/)?(\d{8})\.json\.gz$/.exec(file) ?? [];
    const slot = slots.find((one) => one.partition === partition && one.number === Number(digits));
    found.add(slot === undefined, `the ledger knows a slot that is not there: ${file}`);
    const copy = JSON.parse(gunzipSync(readFileSync(join(ledger, 'commits', file))).toString('utf8')) as Plan;
    const plan = slot?.plan;
    if (plan === undefined) continue;
    const isSame = copy.batchId === plan.batchId && JSON.stringify(copy.inputs) === JSON.stringify(plan.inputs);
    found.add(!isSame, `the ledger has other facts of ${slot?.file}`);
  }
}

function groupBy<T>(items: readonly T[], nameOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(nameOf(item), [...(groups.get(nameOf(item)) ?? []), item]);
  return groups;
}

function isSameSet(a: readonly number[], b: readonly number[]): boolean {
  const sorted = (list: readonly number[]): string => [...list].sort((x, y) => x - y).join();
  return sorted(a) === sorted(b);
}

/** The paths of the files below a folder; none where there is no folder. */
export function filesBelow(folder: string): string[] {
  if (statSync(folder, { throwIfNoEntry: false }) === undefined) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}
