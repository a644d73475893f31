import { compactPolicy, gcPolicy, type ArnPartition, type PolicyScope } from '../compaction/iam-policy.js';
import { UserError } from '../errors.js';
import { once } from '../output/once.js';
import { parseLocation } from '../storage/location.js';
import type { S3Access } from '../storage/s3-access.js';
import type { TableFlags } from './compact-flags.js';
import { findConfiguration } from './find-configuration.js';
import { findDestination } from './find-destination.js';
import { readS3Access } from './read-s3-access.js';
import { resolveSources } from './resolve-sources.js';
import { withRunResources } from './run-resources.js';
import { writeStdout } from './write-stdout.js';

export interface PolicyRequest {
  readonly sources: readonly string[];
  readonly flags: TableFlags & { readonly quiet: boolean };
  /** `remove` and `tag` are two ways of `compact gc`. */
  readonly purpose: 'compact' | 'remove' | 'tag';
}

/**
 * Prints the least that a command needs in S3, as an IAM policy in JSON. No request is made: what was named is taken for the
 * source.
 * @throws UserError where the source or the table is no bucket
 */
export async function printPolicy({ sources, flags, purpose }: PolicyRequest): Promise<void> {
  await withRunResources(flags, async (resources) => {
    const config = await findConfiguration(resources);
    const { bucket, prefix } = flags;
    const resolved = await resolveSources({ sources, bucket, prefix, env: process.env, config });
    const [source] = resolved;
    if (source === undefined || resolved.length !== 1)
      throw new UserError(`A policy is for one source, but ${resolved.length} were given`);
    const access = readS3Access({ flags, source, env: process.env });
    const scope = scopeOf(source.location, flags.to, access);
    const policy =
      purpose === 'compact'
        ? compactPolicy(scope)
        : gcPolicy({ ...scope, removal: purpose === 'remove' ? 'delete' : 'tag' });
    await writeStdout(once(`${JSON.stringify(policy, undefined, 2)}\n`), process.stdout);
  });
}

function scopeOf(named: string, to: string | undefined, access: S3Access): PolicyScope {
  const source = parseLocation(named);
  if (source.kind !== 's3') throw noBucket(named);
  const { data, name } = findDestination({ source, to, cwd: process.cwd(), accessTo: () => access });
  if (data.location.kind !== 's3') throw noBucket(name);
  const { prefix } = source;
  return {
    sourceBucket: source.bucket,
    sourcePrefix: prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`,
    destinationBucket: data.location.bucket,
    destinationPrefix: data.location.prefix,
    partition: partitionOf(access),
  };
}

function noBucket(name: string): UserError {
  return new UserError(`There is no policy for ${name}: it is no bucket`, {
    wayOut: 'Give s3://bucket/prefix/ as SOURCE and, where it is not beside it, as --to.',
  });
}

/** By the region, where one was given: China and GovCloud are partitions of their own. */
function partitionOf({ region = '' }: S3Access): ArnPartition {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}
