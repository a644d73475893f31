import { readKeyLayout, type LayoutName, type RootOptions } from './key-layout.js';
import { splitKey, type KeyParts } from './key-parts.js';
import type { TimeSpan } from './key-time.js';

/**
 * How the partitions of a merged table are chosen: `hive` keeps those that the source's keys have (CloudTrail's folders become
 * account, region, year, month and day, dates as folders year, month, day and hour), `day` and `hour` are those of the key's
 * time in UTC, `none` is no partition at all.
 */
export const PARTITION_MODES = ['hive', 'day', 'hour', 'none'] as const;
export type PartitionMode = (typeof PARTITION_MODES)[number];

/** What Hive, Athena and Spark call the partition of rows without a value. */
export const DEFAULT_PARTITION = '__HIVE_DEFAULT_PARTITION__';

const HOUR_MS = 3_600_000;
const DAY_NAMES = ['year', 'month', 'day'] as const;
const HOUR_NAMES = [...DAY_NAMES, 'hour'] as const;
const CLOUDTRAIL_NAMES = ['account', 'region', ...DAY_NAMES] as const;
/** LocalStack leaves Firehose's expressions in keys as they are; they are no values. */
const HIVE_FOLDER = /^([A-Za-z_][\w.-]*)=((?!.*!\{).*)$/s;
const CLOUDTRAIL_FILE = /(?:^|\D)(?<account>\d{12})[_-]CloudTrail[_-](?<region>[a-z]{2}(?:-[a-z]+)+-\d+)[_-]/;

export interface PartitionOptions extends RootOptions {
  readonly mode: PartitionMode;
}

/**
 * The names of the partitions that a key calls for, in their order; empty for `none`, undefined where the key has neither
 * partitions nor a time.
 */
export function partitionNames(key: string, options: PartitionOptions): readonly string[] | undefined {
  if (options.mode === 'none') return [];
  const values = partitionValues(key, options);
  return values === undefined ? undefined : [...values.keys()];
}

/**
 * The partition that the rows of a key go to: `year=2026/month=11`, without a slash at its end; empty for no partition.
 * A name that the key has no value for gets Hive's default partition.
 */
export function outputPartition(key: string, names: readonly string[], options: PartitionOptions): string {
  if (names.length === 0) return '';
  const values = partitionValues(key, options);
  return names.map((name) => `${name}=${values?.get(name) ?? DEFAULT_PARTITION}`).join('/');
}

type Values = ReadonlyMap<string, string>;

function partitionValues(key: string, options: PartitionOptions): Values | undefined {
  const parts = splitKey(key, options.root);
  const { layout, time } = readKeyLayout(key, options);
  const times = [parts.folderTime, time].filter((span) => span !== undefined);
  if (options.mode === 'day') return timeValues(times, DAY_NAMES);
  if (options.mode === 'hour') return timeValues(times, HOUR_NAMES);
  if (layout === 'cloudtrail') return cloudTrailValues(parts, times);
  const hive = hiveValues(parts.folders);
  return hive.size > 0 ? hive : timeValues(times, namesOfTime(layout, parts));
}

function hiveValues(folders: readonly string[]): Map<string, string> {
  const found = folders.map((folder) => HIVE_FOLDER.exec(folder)).filter((match) => match !== null);
  return new Map(found.map(([, name = '', value = '']) => [name, value]));
}

function namesOfTime(layout: LayoutName, { slashDate }: KeyParts): readonly string[] {
  return layout === 'firehose' || slashDate?.hasHour === true ? HOUR_NAMES : DAY_NAMES;
}

/** By the first of the times that is within one of the partitions: a key that tells only its day has no hour. */
function timeValues(times: readonly TimeSpan[], names: readonly string[]): Values | undefined {
  const widest = names.length === HOUR_NAMES.length ? HOUR_MS : 24 * HOUR_MS;
  const fitting = times.find(({ from, to }) => Math.floor(from / widest) === Math.floor((to - 1) / widest));
  if (fitting === undefined) return undefined;
  const parts = new Date(fitting.from).toISOString().split(/[-T:]/);
  return new Map(names.map((name, index) => [name, parts[index] ?? DEFAULT_PARTITION]));
}

function cloudTrailValues({ folders, name }: KeyParts, times: readonly TimeSpan[]): Values {
  const at = folders.indexOf('CloudTrail');
  const named = CLOUDTRAIL_FILE.exec(name)?.groups;
  const account = at > 0 && /^\d{12}$/.test(folders[at - 1] ?? '') ? folders[at - 1] : named?.['account'];
  const region = (at >= 0 ? folders[at + 1] : undefined) ?? named?.['region'];
  const time = timeValues(times, DAY_NAMES);
  const values = new Map([['account', account], ['region', region], ...(time ?? [])]);
  return new Map(CLOUDTRAIL_NAMES.map((each) => [each, values.get(each) ?? DEFAULT_PARTITION]));
}
