import { isIncomplete, type Accounting } from '../dataset/accounting.js';
import { sanitizeForTerminal } from '../output/sanitize.js';
import { formatAccounting } from './accounting-line.js';
import { annotateFailedGate } from './mark-failed-gate.js';
import { markIncomplete } from './mark-incomplete.js';

export interface AccountingReport {
  readonly accounting: Accounting;
  /** What the user should know about the answers, one line each. */
  readonly notes: readonly string[];
  readonly seconds: number;
  readonly flags: { readonly quiet: boolean; readonly 'allow-partial': boolean };
}

/** Says on stderr what became of everything, and sets the exit code where something is missing from the answer. */
export function reportAccounting({ accounting, notes, seconds, flags }: AccountingReport): void {
  const isPartial = isIncomplete(accounting) && !flags['allow-partial'];
  const result = [formatAccounting(accounting, seconds), ...(isPartial ? [INCOMPLETE] : [])];
  const lines = [...notes.map((note) => sanitizeForTerminal(note)), ...result];
  if (!flags.quiet) process.stderr.write(`${lines.join('\n')}\n`);
  if (isPartial) markIncomplete(result, flags);
}

export interface GateReport extends Omit<AccountingReport, 'notes'> {
  /** What came out, one line each. */
  readonly verdict: readonly string[];
  readonly isPassed: boolean;
  /** What did not pass, one line each, for those who see no more than that. */
  readonly failures?: readonly string[];
}

/** The same for a gate, which says at the end what came out. */
export function reportGate({ verdict, isPassed, failures = [], ...report }: GateReport): void {
  const { flags } = report;
  reportAccounting({ ...report, notes: [] });
  const said = verdict.map((line) => sanitizeForTerminal(line));
  if (!flags.quiet) process.stderr.write(said.map((line) => `${line}\n`).join(''));
  if (!isPassed) annotateFailedGate([...said, ...failures.map((line) => sanitizeForTerminal(line))], flags);
}

const INCOMPLETE =
  'The answer is incomplete: see what was failed or quarantined above. --quarantine FOLDER keeps it, --allow-partial accepts it.';
