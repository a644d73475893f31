import { lstat } from 'node:fs/promises';

import { UserError } from '../errors.js';
import { type Config, type ConfiguredSource, SOURCE_NAME, type SourceSettings } from './parse-config.js';

/** One place to read, as the text that `storage/location.ts` understands, with what the configuration says of it. */
export interface ResolvedSource extends SourceSettings {
  readonly location: string;
}

export interface SourceChoice {
  /** The positional SOURCEs. */
  readonly sources: readonly string[];
  /** `--bucket` and `--prefix`. */
  readonly bucket?: string | undefined;
  readonly prefix?: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  readonly config?: Config | undefined;
  /** Whether there is a file or folder of this name; a path wins over a name of the configuration. */
  readonly exists?: (path: string) => Promise<boolean>;
}

const NO_SOURCE_HELP = [
  'A folder, a file or a glob:  awsusage query sessions-per-day ./logs/',
  'A bucket:                    awsusage query sessions-per-day s3://my-logs/AWSLogs/',
  'Standard input:              zcat *.gz | awsusage query sessions-per-day -',
  'The environment:             AWSUSAGE_SOURCE=./logs/ awsusage query sessions-per-day',
  'awsusage.config.json:        {"sources": {"prod": "./logs/"}}, then awsusage query sessions-per-day prod',
];

/**
 * Which places a command reads: the positional SOURCEs; else `--bucket` with `--prefix`; else `AWSUSAGE_SOURCE` (several on
 * a line each: any other separator occurs in paths, keys or `s3://`); else `defaults.source` of the configuration. A SOURCE
 * may be a name of the configuration. The same place twice is one.
 * @throws UserError when there is none, when flags contradict each other, or when a SOURCE is neither a path nor one of the names there are.
 */
export async function resolveSources(choice: SourceChoice): Promise<readonly ResolvedSource[]> {
  const fromBucket = describeBucket(choice);
  if (fromBucket !== undefined) return [{ location: fromBucket }];
  const texts = choice.sources.length > 0 ? choice.sources : readEnvironment(choice.env);
  if (texts.includes('')) throw new UserError('The source is empty', { wayOut: NO_SOURCE_HELP });
  const resolved = await Promise.all(texts.map((text) => resolveOne(text, choice)));
  const places = texts.length > 0 ? resolved.flat() : expand(choice.config?.defaultSource);
  if (places.length > 0) return dropRepeated(places);
  throw new UserError('No SOURCE was given', { wayOut: [...NO_SOURCE_HELP, ...listNames(choice.config)] });
}

function readEnvironment(env: NodeJS.ProcessEnv): readonly string[] {
  return (env['AWSUSAGE_SOURCE'] ?? '').split(/\r?\n/).filter((line) => line !== '');
}

function describeBucket({ sources, bucket, prefix = '' }: SourceChoice): string | undefined {
  if (bucket === undefined) {
    if (prefix === '') return undefined;
    throw new UserError('--prefix was given without --bucket', {
      wayOut:
        sources.length > 0
          ? 'Write the prefix as part of SOURCE: s3://bucket/prefix/.'
          : 'Give --bucket too, or s3://bucket/prefix/ as SOURCE.',
    });
  }
  if (sources.length > 0) {
    throw new UserError('Both SOURCE and --bucket were given', {
      wayOut: 'Give one of them; SOURCE may be s3://bucket/prefix/.',
    });
  }
  if (bucket === '' || (bucket.includes('/') && !bucket.startsWith('arn:'))) {
    throw new UserError(`Cannot use --bucket "${bucket}": it is not the name of a bucket`, {
      wayOut: 'Give the name alone and the rest as --prefix, or s3://bucket/prefix/ as SOURCE.',
    });
  }
  return `s3://${bucket}/${prefix}`;
}

/** A path that is not there is left to the storage, which knows what is beside it, unless it may be a mistyped name. */
async function resolveOne(
  text: string,
  { config, exists = pathExists }: SourceChoice,
): Promise<readonly ResolvedSource[]> {
  const mayBeName = SOURCE_NAME.test(text) && config !== undefined && config.sources.size > 0;
  if (!mayBeName || (await exists(text))) return [{ location: text }];
  const named = config.sources.get(text);
  if (named) return expand(named);
  throw new UserError(`Cannot read ${text}: there is no such file or folder, and no source of that name`, {
    wayOut: listNames(config),
  });
}

function expand(source: ConfiguredSource | undefined): readonly ResolvedSource[] {
  const { locations = [], ...settings } = source ?? {};
  return locations.map((location) => ({ location, ...settings }));
}

function listNames(config: Config | undefined): readonly string[] {
  if (!config || config.sources.size === 0) return [];
  return [`Sources named in ${config.path}: ${[...config.sources.keys()].join(', ')}`];
}

/** Buckets of one name on two servers are two places. */
function dropRepeated(places: readonly ResolvedSource[]): readonly ResolvedSource[] {
  const keys = places.map(({ location, endpointUrl, region, profile }) =>
    JSON.stringify([location, endpointUrl, region, profile]),
  );
  return places.filter((_, index) => keys.indexOf(keys[index] ?? '') === index);
}

async function pathExists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
