import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type CheckedTable, checkTable, type TableFolders } from './check-table.js';
import { hashOf, type NumberedBody, numberOf, NumberedSource, type RecordNumber, rowOf } from './numbered-source.js';
import { type Ended, type Running, runProgram, type RunOptions, startProgram } from './run-program.js';

/** Where a source and its table are. */
export interface Place {
  /** As a command line names them. */
  readonly source: string;
  readonly destination: string;
  /** A folder of the case alone. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  put(key: string, bytes: Buffer): void;
  remove(key: string): void;
  /** Stores an object of the ledger before there is any. */
  putLedger(key: string, bytes: Buffer): void;
  /** The table and its ledger as they are now. */
  folders(): TableFolders;
}

/** What is asked: the source alone, the table with what is not merged, or both by their names. */
export const QUESTIONS = ['source', 'table', 'both'] as const;
export type Question = (typeof QUESTIONS)[number];

type Options = Omit<RunOptions, 'folder'>;

export const PARTITION_KEYS = ['year', 'month', 'day', 'hour'];

/** A key of the hour, in a partition of its own. */
export function keyOf(hour: number, name: string): string {
  return `year=2026/month=03/day=01/hour=${String(hour).padStart(2, '0')}/${name}`;
}

/** What a probe of a store that does everything finds: runs that need not probe are short. */
const CAPABLE = fileURLToPath(new URL('capable.json', import.meta.url));

/** A source of numbered records, its table, and what should be in both. */
export class TestTable {
  readonly place: Place;
  readonly numbered = new NumberedSource();
  /** The objects of the source as they are now. */
  readonly current = new Map<string, NumberedBody>();
  readonly #removed: NumberedBody[] = [];
  readonly #retired: NumberedBody[] = [];

  constructor(place: Place) {
    this.place = place;
  }

  /** The ledger says what the table is made from. */
  get isDescribed(): boolean {
    return existsSync(join(this.place.folders().ledger, 'source.json'));
  }

  /** Writes an object, over the one that is there. */
  write(key: string, records = 3): NumberedBody {
    const body = this.numbered.make(key, records);
    this.place.put(key, body.bytes);
    this.current.set(key, body);
    return body;
  }

  /** Writes another object of the same length. */
  overwrite(key: string): NumberedBody {
    const body = this.numbered.makeLike(this.bodyOf(key));
    this.place.put(key, body.bytes);
    this.current.set(key, body);
    return body;
  }

  /** Removes an object that may be merged or not. */
  remove(key: string): void {
    this.#removed.push(this.bodyOf(key));
    this.place.remove(key);
    this.current.delete(key);
  }

  /** Removes an object that a run has merged, as the clean-up does: its records must stay in the table. */
  retire(key: string): void {
    this.#retired.push(this.bodyOf(key));
    this.place.remove(key);
    this.current.delete(key);
  }

  bodyOf(key: string): NumberedBody {
    const body = this.current.get(key);
    if (body === undefined) throw new Error(`there is no ${key}`);
    return body;
  }

  /** Writes down what the store can do, as an earlier run has found it. */
  skipProbe(except: Readonly<Record<string, boolean>> = {}): void {
    const capabilities = { ...(JSON.parse(readFileSync(CAPABLE, 'utf8')) as object), ...except };
    this.place.putLedger('capabilities.json', Buffer.from(JSON.stringify(capabilities)));
  }

  compact(options: Options = {}, flags: readonly string[] = []): Promise<Ended> {
    return runProgram(this.#compactArgs(flags), this.#options(options));
  }

  /** Starts a run that others have to wait for. */
  startCompact(options: Options = {}, flags: readonly string[] = []): Running {
    return startProgram(this.#compactArgs(flags), this.#options(options));
  }

  /** Starts the clean-up of what is merged, without grace. */
  startGc(options: Options = {}): Running {
    const { source, destination } = this.place;
    const flags = ['--yes', '--grace', '0', '--force', '--json'];
    return startProgram(['compact', 'gc', source, '--to', destination, ...flags], this.#options(options));
  }

  ask(question: Question, options: Options = {}): Promise<Ended> {
    return runProgram(this.#askArgs(question), this.#options(options));
  }

  startAsk(question: Question, options: Options = {}): Running {
    return startProgram(this.#askArgs(question), this.#options(options));
  }

  check(): Promise<CheckedTable> {
    return checkTable(this.place.folders(), this.numbered, PARTITION_KEYS);
  }

  /** What a question has to be answered by: each object once, in the version that was merged, if any. */
  async expected(question: Question): Promise<readonly RecordNumber[]> {
    const current = [...this.current.values()];
    if (question === 'source') return current.flatMap(({ numbers }) => numbers);
    const { merged } = await this.check();
    const removed = this.#removed.filter(({ key }) => merged.has(key) && !this.current.has(key));
    const bodies = [...current, ...removed].map((body) => this.numbered.bodies.get(merged.get(body.key) ?? '') ?? body);
    return [...bodies, ...this.#retired].flatMap(({ numbers }) => numbers);
  }

  /** Objects that were overwritten after they were merged. */
  async changed(): Promise<readonly string[]> {
    const { merged } = await this.check();
    return [...this.current.values()]
      .filter(({ key, bytes }) => merged.has(key) && merged.get(key) !== hashOf(bytes))
      .map(({ key }) => key);
  }

  #compactArgs(flags: readonly string[]): string[] {
    const { source, destination } = this.place;
    const limits = ['--min-age', '0', '--min-files', '1', '--memory', '500MB'];
    return ['compact', source, '--to', destination, ...limits, '--json', ...flags];
  }

  #askArgs(question: Question): string[] {
    const { source, destination } = this.place;
    const sources = { source: [source], table: [destination], both: [source, destination] }[question];
    return ['sql', SQL, ...sources, '--json', '--limit', '0', '--memory', '500MB'];
  }

  #options(options: Options): RunOptions {
    const { folder, env } = this.place;
    return { ...options, folder, env: { ...env, ...options.env } };
  }
}

const SQL = `SELECT strftime("timestamp", '%Y-%m-%d %H:%M:%S') AS at, operation, status_code, request FROM api_calls`;

interface AskedRow {
  readonly at: string;
  readonly operation: string;
  readonly status_code: number;
  readonly request: string;
}

/** The numbers of the records of an answer, in order. @throws Error where a row has other values than its record */
export function numbersOf({ stdout }: Ended): readonly RecordNumber[] {
  const { rows } = JSON.parse(stdout) as { rows: readonly AskedRow[] };
  const numbers = rows.map(({ at, operation, status_code: status, request }) => {
    const number = numberOf(request);
    const row = rowOf(number);
    if (row.timestamp !== at || row.operation !== operation || row.status !== status || row.request !== request)
      throw new Error(`the record ${number} was answered with other values: ${at} ${operation} ${status} ${request}`);
    return number;
  });
  return sorted(numbers);
}

export function sorted(numbers: readonly RecordNumber[]): readonly RecordNumber[] {
  return [...numbers].sort((a, b) => a - b);
}
