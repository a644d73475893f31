import { resolve } from 'node:path';
import { UserError } from '../errors.js';
import { parseDuration } from '../layouts/time-window.js';
import { parseLocation } from '../storage/location.js';
import { expectFilePlace } from '../storage/write-file-whole.js';
import { openForWriting } from './open-beside.js';
import { readS3Access } from './read-s3-access.js';
import type { ReportFlags } from './report-flags.js';
import type { RunResources } from './run-resources.js';
import { writeNamedFile } from './write-named-file.js';

/** Where a report, and what belongs to it, is written. */
export interface ReportDestination {
  /** As the user gave it. */
  readonly name: string;
  /**
   * Writes a text whole, over what may be there; `ending` (`metering.csv`) is of a further file beside the report.
   * @returns where it is
   */
  write(text: string, contentType: string, ending?: string): Promise<string>;
  /** An address that opens the report without credentials; absent for files, and where no `--link-expires` was given. */
  readonly link?: () => Promise<string>;
}

/**
 * Finds the place that `--to` names, before anything is read.
 * @throws UserError for a place that no report can be written to
 */
export async function findReportDestination(
  flags: ReportFlags,
  resources: RunResources,
): Promise<ReportDestination | undefined> {
  const { to, 'link-expires': expires } = flags;
  const seconds = expires === undefined ? undefined : readExpiry(expires);
  if (to === undefined) {
    if (flags.publish === undefined && seconds === undefined) return undefined;
    throw new UserError(`${flags.publish === undefined ? '--link-expires' : '--publish'} needs --to`, {
      wayOut: 'Say where the report is to lie: --to s3://my-reports/2026-10.html, or a file.',
    });
  }
  const location = parseLocation(to);
  if (location.kind === 's3') return inBucket(to, { location, seconds, flags, resources });
  if (location.kind === 'stdin')
    throw new UserError('--to - is no place for a report', { wayOut: 'Leave --to out to print it.' });
  if (seconds !== undefined)
    throw new UserError('--link-expires is for buckets: a file has no link', {
      wayOut: 'Give --to s3://…, or leave --link-expires out.',
    });
  return inFile(to);
}

const WEEK_SECONDS = 7 * 24 * 3600;

function readExpiry(text: string): number {
  const seconds = Math.floor(parseDuration(text) / 1000);
  if (seconds >= 1 && seconds <= WEEK_SECONDS) return seconds;
  throw new UserError(`--link-expires ${text} is not from 1s to 7d`, { wayOut: 'S3 signs links for a week at most.' });
}

async function inFile(to: string): Promise<ReportDestination> {
  await expectFilePlace(resolve(process.cwd(), to), to);
  return {
    name: to,
    write: async (text, _, ending) => {
      const path = ending === undefined ? to : withEnding(to, ending);
      await writeNamedFile({ path, text });
      return path;
    },
  };
}

interface BucketWish {
  readonly location: { readonly kind: 's3'; readonly bucket: string; readonly prefix: string };
  readonly seconds: number | undefined;
  readonly flags: ReportFlags;
  readonly resources: RunResources;
}

async function inBucket(to: string, { location, seconds, flags, resources }: BucketWish): Promise<ReportDestination> {
  const { prefix } = location;
  if (prefix === '' || prefix.endsWith('/'))
    throw new UserError(`${to} names no object`, { wayOut: `Give its key: ${to.replace(/\/*$/, '/')}report.html` });
  const access = readS3Access({ flags, source: {}, env: process.env });
  const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
  const key = prefix.slice(folder.length);
  const store = await openForWriting({ location: { ...location, prefix: folder }, access }, resources);
  return {
    name: to,
    write: async (text, contentType, ending) => {
      const own = ending === undefined ? key : withEnding(key, ending);
      await store.replace?.(own, Buffer.from(text), contentType);
      return `s3://${location.bucket}/${folder}${own}`;
    },
    ...(seconds === undefined || store.presign === undefined
      ? {}
      : { link: async () => (await store.presign?.(key, seconds)) ?? '' }),
  };
}

/** `out/2026-10.html` → `out/2026-10.metering.csv`. */
function withEnding(place: string, ending: string): string {
  return `${place.replace(/(?<=[^/])\.[A-Za-z0-9]+$/, '')}.${ending}`;
}
