import type { LogFormat } from '../formats/log-format.js';
import { outputPartition, partitionNames, type PartitionMode } from '../layouts/output-partition.js';
import type { PlannedObject } from '../dataset/plan-scan.js';
import { sampleFormats } from '../dataset/sample-formats.js';
import { findFormat, LOG_FORMATS } from '../formats/format-catalog.js';
import { UserError } from '../errors.js';
import type { DestinationDescription } from './destination-description.js';

/** What the user asks of a destination; what is left out is found out. */
export interface DescriptionWish {
  readonly source: string;
  readonly format: string | undefined;
  readonly partitionBy: PartitionMode | undefined;
  readonly userFormats: readonly LogFormat[];
}

/**
 * Finds out what a new destination is to be: the format of the source's records and the partitions of its keys.
 * @throws UserError when the source holds several formats, or keys of different partitions
 */
export async function describeDestination(
  objects: readonly PlannedObject[],
  wish: DescriptionWish,
): Promise<DestinationDescription> {
  const format = await chooseFormat(objects, wish);
  return { source: wish.source, format: format.name, ...choosePartitions(objects, wish) };
}

/**
 * Makes sure that what the user asks for is what the destination is.
 * @throws UserError where it is made from another source, of another format, or by other partitions
 */
export function checkWish(known: DestinationDescription, wish: DescriptionWish, destination: string): void {
  const differs = (what: string, has: string, asked: string | undefined): void => {
    if (asked === undefined || asked === has) return;
    throw new UserError(`${destination} was made with the ${what} ${has}, not ${asked}`, {
      wayOut: 'What a destination is made from and how cannot change: give another one with --to.',
    });
  };
  differs('source', known.source, wish.source);
  differs('format', known.format, wish.format);
  differs('partitions', known.partitionBy, wish.partitionBy);
}

/** Where the rows of an object go. */
export function partitionOf(
  { store, object }: PlannedObject,
  { partitionBy, partitionKeys }: DestinationDescription,
): string {
  return outputPartition(object.key, partitionKeys, { mode: partitionBy, ...rootOption(store.context) });
}

async function chooseFormat(
  objects: readonly PlannedObject[],
  { format: asked, userFormats }: DescriptionWish,
): Promise<LogFormat> {
  if (asked !== undefined) {
    const format = findFormat(asked, userFormats);
    if (format !== undefined) return format;
    const names = [...userFormats, ...LOG_FORMATS].map(({ name }) => name).sort();
    throw new UserError(`There is no format called "${asked}"`, { wayOut: `The formats are: ${names.join(', ')}.` });
  }
  const found = await sampleFormats(objects, userFormats);
  const [only] = found.keys();
  if (only !== undefined && found.size === 1) return only;
  if (only === undefined) {
    throw new UserError(
      'Nothing to merge: no record of a known format was found in the objects that were looked into',
      {
        wayOut: 'See awsusage inspect SOURCE; describe an unknown format in awsusage.config.json.',
      },
    );
  }
  const counts = [...found].map(([{ name }, count]) => `${name} (${count})`).sort();
  throw new UserError(`The source holds several formats; of the objects looked into: ${counts.join(', ')}`, {
    wayOut: 'A destination holds one: choose it with --format, or give each its own --to.',
  });
}

type Partitions = Pick<DestinationDescription, 'partitionBy' | 'partitionKeys'>;

function choosePartitions(objects: readonly PlannedObject[], { partitionBy }: DescriptionWish): Partitions {
  const mode = partitionBy ?? 'hive';
  const found = countNames(objects, mode);
  const [first] = found.keys();
  if (first === undefined) {
    if (partitionBy === undefined) return { partitionBy: 'none', partitionKeys: [] };
    throw new UserError(`The keys of the source have no ${mode === 'hive' ? 'partitions and no time' : 'time'}`, {
      wayOut: 'Give --partition-by none.',
    });
  }
  if (found.size === 1) return { partitionBy: mode, partitionKeys: usableNames(JSON.parse(first) as string[]) };
  const counts = [...found].map(([names, count]) => `${(JSON.parse(names) as string[]).join('/')} (${count})`);
  throw new UserError(`The keys of the source have different partitions: ${counts.join(', ')}`, {
    wayOut: 'Give --partition-by day, hour or none, or merge each folder by itself.',
  });
}

/** Readers take a partition's value for the column of its name: in these, every row has its own. */
function usableNames(names: readonly string[]): readonly string[] {
  const own = names.find((name) => OWN_COLUMNS.includes(name.toLowerCase()));
  if (own === undefined) return names;
  throw new UserError(`The keys of the source have partitions called ${own}, which is a column of every table`, {
    wayOut: 'Give --partition-by day, hour or none.',
  });
}

const OWN_COLUMNS: readonly string[] = ['extra', 'record_keys', 'object_key', 'record'];

function countNames(objects: readonly PlannedObject[], mode: PartitionMode): Map<string, number> {
  const found = new Map<string, number>();
  for (const { store, object } of objects) {
    const names = partitionNames(object.key, { mode, ...rootOption(store.context) });
    if (names === undefined) continue;
    const text = JSON.stringify(names);
    found.set(text, (found.get(text) ?? 0) + 1);
  }
  return found;
}

function rootOption(context: string | undefined): { root?: string } {
  return context === undefined ? {} : { root: context };
}
