import type { Engine, Value } from '../../src/engines/engine.js';
import type { LogFormat } from '../../src/formats/log-format.js';
import type { StoredColumn } from '../../src/formats/stored-columns.js';
import { comparable, membersOf, type PlainMember } from './plain-json.js';

/** Rebuilds, in plain JavaScript, the records that a merged file was made of. Each is given as `comparable` tells it. */
export async function rebuildRecords(
  engine: Engine,
  path: string,
  { format, columns }: { readonly format: LogFormat; readonly columns: readonly StoredColumn[] },
): Promise<string[]> {
  const selected = columns.map(({ name, type }) => (type === 'TIMESTAMP' ? `epoch_us("${name}")` : `"${name}"`));
  const rows = await engine.rows(`SELECT ${selected.join(', ')} FROM read_parquet('${path}')`);
  return rows.map((row) => {
    const values = new Map(columns.map(({ name }, i) => [name, row[i] ?? null]));
    if (format.wholeRecord === true) return comparable(wholeRecord(values));
    return comparable(rebuild(values, format));
  });
}

function wholeRecord(values: ReadonlyMap<string, Value>): PlainMember[] {
  const extra = values.get('extra') ?? null;
  const record = extra === null ? values.get('record') : membersOf(String(extra))[0]?.value;
  return membersOf(String(record));
}

function rebuild(values: ReadonlyMap<string, Value>, format: LogFormat): PlainMember[] {
  const keys = JSON.parse(String(values.get('record_keys'))) as string[];
  const extra = values.get('extra') ?? null;
  const queues = new Map<string, string[]>();
  for (const { key, value } of extra === null ? [] : membersOf(String(extra)))
    queues.set(key, [...(queues.get(key) ?? []), value]);
  const members = keys.map((key): PlainMember => {
    const value = queues.get(key)?.shift() ?? columnJson(values, key, format);
    return { key, value };
  });
  const left = [...queues].filter(([, queue]) => queue.length > 0);
  if (left.length > 0) throw new Error(`extra has more than the record: ${JSON.stringify(left)}`);
  return members;
}

function columnJson(
  values: ReadonlyMap<string, Value>,
  key: string,
  { aliases = {}, fields, spellings = {} }: LogFormat,
): string {
  const field = Object.hasOwn(fields, key) ? key : Object.hasOwn(aliases, key) ? aliases[key]! : undefined;
  if (field === undefined) throw new Error(`nothing has a value of "${key}"`);
  const value = values.get(field) ?? null;
  if (value === null) return 'null';
  const spelling = spellings[field];
  const type = fields[field];
  if (type === 'text') return JSON.stringify(value);
  if (type === 'timestamp') return timeJson(BigInt(value as bigint), spelling);
  return spelling === 'quoted' ? `"${String(value)}"` : String(value);
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

function timeJson(microseconds: bigint, spelling: string | undefined): string {
  if (spelling === 'milliseconds') return String(microseconds / 1000n);
  const fraction = ((microseconds % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const date = new Date(Number((microseconds - fraction) / 1000n));
  const iso = date.toISOString();
  if (spelling === 'web-server') {
    const day = `${iso.slice(8, 10)}/${MONTHS[date.getUTCMonth()]}/${iso.slice(0, 4)}`;
    return `"${day}:${iso.slice(11, 19)} +0000"`;
  }
  const digits = String(fraction).padStart(6, '0').replace(/000$/, '');
  return `"${iso.slice(0, 19)}${fraction === 0n ? '' : `.${digits}`}${spelling === 'local' ? '' : 'Z'}"`;
}
