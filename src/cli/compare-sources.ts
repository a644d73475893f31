import { parseDimensions, type DimensionName } from '../calls/call-dimensions.js';
import { compareKinds, type KindChange } from '../calls/compare-kinds.js';
import { parseTolerance } from '../calls/tolerance.js';
import { UserError } from '../errors.js';
import { sanitizeForTerminal } from '../output/sanitize.js';
import type { DiffFlags } from './diff-flags.js';
import { findSide, readSide, type LoadedSide, type Side } from './diff-side.js';
import { formatCountOf } from './format-amount.js';
import { annotateFailedGate, markFailedGate } from './mark-failed-gate.js';
import { describeCounts, printChanges } from './print-changes.js';
import { refuseFormats, ROW_FORMATS } from './print-sections.js';
import { reportAccounting } from './report-accounting.js';

export interface DiffRequest {
  /** BASE and HEAD as the user wrote them. */
  readonly sources: readonly string[];
  readonly flags: DiffFlags;
  readonly toolVersion: string;
}

const DEFAULT_BY = 'service,operation';

/**
 * Prints which kinds of calls differ between two sides, each a snapshot, a source or a session of one. With `--exit-code` a
 * difference is exit code 1.
 * @throws UserError for everything that the user can mend
 */
export async function compareSources({ sources, flags, toolVersion }: DiffRequest): Promise<void> {
  const words = twoOf(sources);
  const tolerance = parseTolerance(flags.tolerance);
  const sides = [await findSide(words[0]), await findSide(words[1])] as const;
  const by = chooseDimensions(sides, flags.by);
  refusePlans(flags);
  const base = await readSide(sides[0], { by, flags, toolVersion });
  // Where the first reading was interrupted, the second does not begin.
  if (base === undefined && !flags['dry-run']) return;
  const head = await readSide(sides[1], { by, flags, toolVersion });
  if (base === undefined || head === undefined) return;
  refuseNothing(base, head);
  const all = compareKinds(base.kinds, head.kinds, tolerance);
  const changes = all.filter(({ change }) => flags.only === undefined || flags.only.includes(change));
  const before = { base: describeSide(base), head: describeSide(head) };
  const accounting = { base: base.read?.accounting ?? null, head: head.read?.accounting ?? null };
  const isPassed = !flags['exit-code'] || changes.length === 0;
  if (!isPassed) markFailedGate();
  if ((await printChanges({ by, changes, before, after: { accounting } }, flags)) === 'closed') return;
  report([base, head], changes, flags);
  if (!isPassed) annotateFailedGate([sanitizeForTerminal(verdict([base, head], changes, flags))], flags);
}

function twoOf(words: readonly string[]): readonly [string, string] {
  const [base, head, ...more] = words;
  if (base !== undefined && head !== undefined && more.length === 0) return [base, head];
  throw new UserError(
    `Two sides are compared, BASE and HEAD; given ${words.length === 1 ? 'was' : 'were'} ${words.length}`,
    {
      wayOut: 'For example: awsusage diff ./before/ ./after/, or awsusage diff calls.snapshot.json ./calls/',
    },
  );
}

/** What would be read is a plan for each side. */
function refusePlans(flags: DiffFlags): void {
  if (!flags['dry-run']) return;
  if (flags.json || flags.output === 'json')
    throw new UserError('Cannot print what would be read of two sides as one JSON object', {
      wayOut: 'Leave --json out, or ask for each side with awsusage inspect SOURCE --dry-run --json.',
    });
  refuseFormats('what would be read of two sides', ROW_FORMATS, flags);
}

/** A snapshot knows its kinds only by what it was made with. */
function chooseDimensions(sides: readonly Side[], asked: string | undefined): readonly DimensionName[] {
  const given = asked === undefined ? [] : [{ word: '--by', by: parseDimensions(asked) }];
  const made = sides.flatMap(({ word, snapshot }) => (snapshot === undefined ? [] : [{ word, by: snapshot.by }]));
  const [first, ...others] = [...made, ...given];
  const other = others.find(({ by }) => String(by) !== String(first?.by));
  if (first === undefined) return parseDimensions(DEFAULT_BY);
  if (other === undefined) return first.by;
  throw new UserError(
    `${first.word} tells calls apart by ${first.by.join(',')}, and ${other.word} by ${other.by.join(',')}`,
    { wayOut: 'Compare what was made with the same --by; leave it out where one side is a snapshot.' },
  );
}

function refuseNothing(base: LoadedSide, head: LoadedSide): void {
  if (base.kinds.length > 0 || head.kinds.length > 0) return;
  throw new UserError('There is nothing to compare: neither side has a call in the window that passes the filters', {
    wayOut: 'What is there says awsusage inspect SOURCE.',
  });
}

function describeSide({ word, kinds, read }: LoadedSide): Readonly<Record<string, unknown>> {
  return { source: word, is: read === undefined ? 'snapshot' : 'calls', kinds: kinds.length };
}

function report(sides: readonly LoadedSide[], changes: readonly KindChange[], flags: DiffFlags): void {
  for (const { word, read } of sides)
    if (read !== undefined)
      reportAccounting({ accounting: read.accounting, notes: [`${word}:`], seconds: read.seconds, flags });
  if (flags.quiet) return;
  for (const line of [...wholeSides(sides, flags), verdict(sides, changes, flags)])
    process.stderr.write(`${sanitizeForTerminal(line)}\n`);
}

const NARROWING = ['since', 'until', 'service', 'operation', 'account', 'region-name', 'principal', 'where'] as const;

/** A snapshot may have been made of the same calls that the flags choose of the other side, or of more: that is for its maker to know. */
function wholeSides(sides: readonly LoadedSide[], flags: DiffFlags): string[] {
  const given = NARROWING.filter((name) => flags[name] !== undefined).map((name) => `--${name}`);
  if (flags['errors-only']) given.push('--errors-only');
  const snapshot = sides.find(({ read }) => read === undefined);
  if (given.length === 0 || snapshot === undefined) return [];
  return [`${snapshot.word} is a snapshot and compared whole: ${given.join(', ')} is for the other side`];
}

function verdict(sides: readonly LoadedSide[], changes: readonly KindChange[], { only }: DiffFlags): string {
  const empty = sides.find(({ kinds }) => kinds.length === 0);
  const note = empty === undefined ? '' : `; there is no call in ${empty.word}`;
  if (changes.length > 0) return `Calls differ: ${describeCounts(changes)}${note}`;
  if (only !== undefined) return `No kind of calls is ${only.join(' or ')}`;
  const [base] = sides;
  return `The calls are the same: ${formatCountOf(base?.kinds.length ?? 0, 'kind')} on both sides`;
}
