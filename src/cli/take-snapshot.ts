import { parseDimensions, type DimensionName } from '../calls/call-dimensions.js';
import type { Counting } from '../calls/call-kind.js';
import { compareKinds, type KindChange } from '../calls/compare-kinds.js';
import { keepCounts, type Snapshot } from '../calls/snapshot.js';
import { NO_TOLERANCE } from '../calls/tolerance.js';
import { writeSnapshot } from '../calls/write-snapshot.js';
import { isIncomplete } from '../dataset/accounting.js';
import { UserError } from '../errors.js';
import { JSON_VERSION } from '../output/json-version.js';
import { once } from '../output/once.js';
import { stringifyJson } from '../output/stringify-json.js';
import { formatCountOf } from './format-amount.js';
import { markFailedGate } from './mark-failed-gate.js';
import { describeCounts, printChanges } from './print-changes.js';
import { printRules } from './print-rules.js';
import { refuseIncomplete } from './refuse-incomplete.js';
import { readCallKinds, type ReadKinds } from './read-call-kinds.js';
import { reportGate } from './report-accounting.js';
import { shellWords } from './shell-words.js';
import { expectSnapshotPlace, readSnapshotFile, writeSnapshotFile } from './snapshot-file.js';
import type { SnapshotFlags } from './snapshot-flags.js';
import { writeStdout } from './write-stdout.js';

export interface SnapshotRequest {
  readonly sources: readonly string[];
  readonly flags: SnapshotFlags;
  readonly toolVersion: string;
  /** The words of the command line, to say which command accepts a change. */
  readonly argv: readonly string[];
}

const DEFAULT_BY = 'service,operation,error_code';

/**
 * Makes a snapshot of the kinds of calls in the sources, or compares them with one: exit code 1 where they differ.
 * @throws UserError for everything that the user can mend
 */
export async function takeSnapshot(request: SnapshotRequest): Promise<void> {
  const { flags } = request;
  if (flags['print-rules']) return printRules(flags);
  refuseContradictions(flags);
  if (flags.check !== undefined) return checkSnapshot(request, flags.check);
  const by = parseDimensions(flags.by ?? DEFAULT_BY);
  if (flags.to !== undefined) await expectSnapshotPlace(flags.to);
  const read = await readCallKinds({ ...request, by, isMeasured: false, mayBeEmpty: flags['allow-empty'] });
  if (read === undefined) return;
  refuseEmpty(read, flags, 'usage');
  const snapshot = newSnapshot(read, by, flags.counts ?? 'none');
  if (flags.to === undefined) await writeStdout(once(print(snapshot, read, flags)), process.stdout);
  else {
    refuseIncomplete(read.accounting, flags, `${flags.to} is not written`);
    await writeSnapshotFile(flags.to, snapshot);
    if (flags.json) await writeStdout(once(print(snapshot, read, flags)), process.stdout);
  }
  const verdict = flags.to === undefined ? [] : [`${flags.to}: ${describeSize(read)}`];
  reportGate({ ...read, flags, verdict, isPassed: true });
}

async function checkSnapshot(request: SnapshotRequest, file: string): Promise<void> {
  const { flags } = request;
  const old = await readSnapshotFile(file);
  const mayWrite = flags.update || (old === undefined && !isCi(process.env));
  if (old === undefined && !mayWrite) throw missing(file, request);
  const { by, counts } = madeBy(old, file, flags);
  if (mayWrite) await expectSnapshotPlace(file);
  const read = await readCallKinds({ ...request, by, isMeasured: true, mayBeEmpty: flags['allow-empty'] });
  if (read === undefined) return;
  refuseEmpty(read, flags, 'gate');
  const snapshot = newSnapshot(read, by, counts);
  const isComparable = old !== undefined && String(old.by) === String(by);
  const changes = isComparable ? compareKinds(old.kinds, read.kinds, NO_TOLERANCE) : [];
  if (mayWrite) {
    refuseIncomplete(read.accounting, flags, `${file} is not written`);
    await writeSnapshotFile(file, snapshot);
  }
  const { accounting } = read;
  const outcome = old === undefined ? 'created' : mayWrite ? 'updated' : changes.length > 0 ? 'different' : 'same';
  const before = { snapshot: file, outcome };
  const isPassed = outcome !== 'different';
  if (!isPassed) markFailedGate();
  if ((await printChanges({ by, changes, before, after: { accounting } }, flags)) === 'closed') return;
  reportGate({ ...read, flags, verdict: verdict(outcome, { file, changes, read, request }), isPassed });
}

type Outcome = 'created' | 'updated' | 'different' | 'same';

interface Verdict {
  readonly file: string;
  readonly changes: readonly KindChange[];
  readonly read: ReadKinds;
  readonly request: SnapshotRequest;
}

function verdict(outcome: Outcome, { file, changes, read, request }: Verdict): string[] {
  const size = describeSize(read);
  if (outcome === 'created')
    return [`${file} is new, with ${size}. Commit it: from now on it is what calls are compared with.`];
  if (outcome === 'updated')
    return [`${file} is updated: ${changes.length === 0 ? 'the same calls' : describeCounts(changes)}`];
  if (outcome === 'different')
    return [
      `Calls are not those of ${file}: ${describeCounts(changes)}.`,
      `Where that is meant: ${accepting(request)}`,
    ];
  const isWhole = !isIncomplete(read.accounting);
  return [
    isWhole
      ? `Calls are those of ${file}: ${size}.`
      : `What could be read are calls of ${file}, but not all could be read.`,
  ];
}

function newSnapshot({ kinds }: ReadKinds, by: readonly DimensionName[], counts: Counting): Snapshot {
  return { by, counts, kinds: keepCounts(kinds, counts) };
}

/** What a snapshot was made with goes for the comparison, too. */
function madeBy(old: Snapshot | undefined, file: string, flags: SnapshotFlags): Pick<Snapshot, 'by' | 'counts'> {
  const by = flags.by === undefined ? undefined : parseDimensions(flags.by);
  const asked = { by: by ?? old?.by ?? parseDimensions(DEFAULT_BY), counts: flags.counts ?? old?.counts ?? 'none' };
  if (old === undefined || flags.update) return asked;
  const differs = String(asked.by) !== String(old.by) ? `--by ${old.by.join(',')}` : undefined;
  const other = differs ?? (asked.counts === old.counts ? undefined : `--counts ${old.counts}`);
  if (other === undefined) return asked;
  throw new UserError(`${file} was made with ${other}`, {
    wayOut: 'Leave --by and --counts out: the file says them. With --update it is made anew with others.',
  });
}

function refuseContradictions({ to, check, update }: SnapshotFlags): void {
  if (to !== undefined && check !== undefined)
    throw new UserError('Both --to and --check were given', {
      wayOut: '--to FILE writes a snapshot; --check FILE compares with it, and --check FILE --update writes it anew.',
    });
  if (update && check === undefined)
    throw new UserError('--update was given without --check', { wayOut: 'Write --check FILE --update.' });
  const remote = [to, check].find((file) => file?.startsWith('s3://') === true);
  if (remote !== undefined)
    throw new UserError(`A snapshot is a file to commit, and ${remote} is none`, {
      wayOut: 'Give the path of a file.',
    });
}

/** A gate that saw nothing has not passed. */
function refuseEmpty(
  { kinds, timeSpan, accounting }: ReadKinds,
  flags: SnapshotFlags,
  exitCode: 'usage' | 'gate',
): void {
  if (kinds.length > 0 || flags['allow-empty']) return;
  const { records } = accounting;
  const others =
    records.filtered === 0
      ? 'No call was captured'
      : `None of ${formatCountOf(records.filtered, 'call')} is in the window and passes the filters`;
  const span = timeSpan === undefined ? '' : `; they are from ${timeSpan.first} to ${timeSpan.last}`;
  throw new UserError(`${others}${records.filtered === 0 ? '' : span}: there is nothing to make a snapshot of`, {
    wayOut: 'Where no call is what is meant, say so with --allow-empty.',
    exitCode,
  });
}

function missing(file: string, request: SnapshotRequest): UserError {
  return new UserError(`There is no snapshot ${file} to compare with, and on CI none is made`, {
    wayOut: `Make it where you work, and commit it: ${accepting(request)}`,
    exitCode: 'gate',
  });
}

function accepting({ argv }: SnapshotRequest): string {
  const words = argv.filter((word) => word !== '--update');
  const end = words.indexOf('--');
  const place = end < 0 ? words.length : end;
  return `awsusage snapshot ${shellWords([...words.slice(0, place), '--update', ...words.slice(place)])}`;
}

function isCi(env: NodeJS.ProcessEnv): boolean {
  return !['', '0', 'false'].includes((env['CI'] ?? '').toLowerCase());
}

function describeSize({ kinds, accounting }: ReadKinds): string {
  return `${formatCountOf(kinds.length, 'kind')} of calls in ${formatCountOf(accounting.records.kept, 'record')}`;
}

function print(snapshot: Snapshot, { accounting }: ReadKinds, { json, to }: SnapshotFlags): string {
  if (!json) return writeSnapshot(snapshot);
  const { by, counts, kinds } = snapshot;
  const listed = kinds.map(({ values, calls, range }) => ({
    ...Object.fromEntries(by.map((name, at) => [name, values[at] ?? null])),
    calls: calls ?? range ?? null,
  }));
  return `${stringifyJson({ version: JSON_VERSION, snapshot: to ?? null, by, counts, kinds: listed, accounting }, 2)}\n`;
}
