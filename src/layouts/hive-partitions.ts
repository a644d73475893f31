import { calendarSpan } from './calendar.js';
import type { TimeSpan } from './key-time.js';

/** What the `name=value` folders of a key say about time. */
export interface HivePartitions {
  /** There are such folders at all. */
  readonly present: boolean;
  /** Some of them name a time, readable or not. */
  readonly timed: boolean;
  /** The time, where it is beyond doubt. */
  readonly time?: TimeSpan;
}

const PARTITION = /^([A-Za-z_][\w.-]*)=(.*)$/s;
/** LocalStack leaves Firehose's expressions in the key as they are: `year=!{timestamp:yyyy}`. */
const UNRESOLVED = /!\{/;
const TIME_NAMES: ReadonlyMap<string, string> = new Map([
  ['year', 'year'],
  ['month', 'month'],
  ['day', 'day'],
  ['hour', 'hour'],
  ['h', 'hour'],
  ['dt', 'date'],
  ['date', 'date'],
]);
const DATE = /^(\d{4})-?(\d\d)-?(\d\d)(?:[-T ](\d\d))?$/;

/**
 * Reads the time out of `name=value` folders: `year`, `month`, `day`, `hour` (padded or not; each counts only below the
 * one above it), `dt`, `date` or a `day` with a whole date, with `hour` or `h`. A value that is no number (as in
 * `__HIVE_DEFAULT_PARTITION__`), an impossible date, or folders that contradict each other give no time.
 */
export function readPartitions(folders: readonly string[]): HivePartitions {
  const partitions = folders.flatMap(readPartition);
  const timed = partitions.flatMap(({ name, value }) => {
    const timeName = name === 'day' && DATE.test(value) ? 'date' : TIME_NAMES.get(name);
    return timeName === undefined ? [] : [{ name: timeName, value }];
  });
  const present = partitions.length > 0;
  if (timed.length === 0) return { present, timed: false };
  const time = partitionTime(timed);
  return time === undefined ? { present, timed: true } : { present, timed: true, time };
}

interface Partition {
  readonly name: string;
  readonly value: string;
}

function readPartition(folder: string): readonly Partition[] {
  const match = PARTITION.exec(folder);
  if (match === null || UNRESOLVED.test(folder)) return [];
  return [{ name: (match[1] ?? '').toLowerCase(), value: match[2] ?? '' }];
}

function partitionTime(partitions: readonly Partition[]): TimeSpan | undefined {
  const values = new Map(partitions.map(({ name, value }) => [name, value]));
  if (partitions.some(({ name, value }) => values.get(name) !== value)) return undefined;
  const spans = [yearParts(values), dateParts(values)].filter((parts) => parts.length > 0).map(calendarSpan);
  const [first, second] = spans;
  if (spans.length < 2 || first === undefined || second === undefined) return spans.length === 1 ? first : undefined;
  if (second.from >= first.from && second.to <= first.to) return second;
  return first.from >= second.from && first.to <= second.to ? first : undefined;
}

/** Year, month, day, hour as far as they go without a gap; NaN for what is no number. */
function yearParts(values: ReadonlyMap<string, string>): readonly number[] {
  const chain = ['year', 'month', 'day', 'hour'].map((name) => values.get(name));
  const gap = chain.indexOf(undefined);
  return chain.slice(0, gap === -1 ? chain.length : gap).map((value, index) => readNumber(value, index === 0 ? 4 : 2));
}

function dateParts(values: ReadonlyMap<string, string>): readonly number[] {
  const date = values.get('date');
  if (date === undefined) return [];
  const parts = (DATE.exec(date) ?? ['', 'no date']).slice(1).filter((part) => part !== undefined);
  const hour = values.get('hour');
  return [...parts.map(Number), ...(hour === undefined || parts.length > 3 ? [] : [readNumber(hour, 2)])];
}

function readNumber(value: string | undefined, digits: number): number {
  return value !== undefined && /^\d+$/.test(value) && value.length <= digits ? Number(value) : NaN;
}
