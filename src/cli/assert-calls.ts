import { isIncomplete, type Accounting } from '../dataset/accounting.js';
import { checkPatterns } from '../expectations/check-patterns.js';
import { expectationQuestion } from '../expectations/expectation-question.js';
import { judgeExpectation } from '../expectations/judge-expectation.js';
import { askSource } from './ask-source.js';
import type { AssertFlags } from './assert-flags.js';
import { readExamples } from './example-call.js';
import { formatCountOf } from './format-amount.js';
import type { Finding } from './finding.js';
import { markFailedGate } from './mark-failed-gate.js';
import { describeFinding, printFindings } from './print-findings.js';
import { readExpectations } from './read-expectations.js';
import { reportGate } from './report-accounting.js';

export interface AssertRequest {
  readonly sources: readonly string[];
  readonly flags: AssertFlags;
  readonly toolVersion: string;
}

/**
 * Holds the calls of the sources against expectations and prints what became of each. One that is not met is exit code 1, and
 * so is a capture without any call.
 * @throws UserError for everything that the user can mend, a bad expectation among it
 */
export async function assertCalls({ sources, flags, toolVersion }: AssertRequest): Promise<void> {
  const expectations = await readExpectations(flags);
  const read = await askSource({
    sources,
    // A plan is a table, whatever the findings were to be printed as.
    flags: { ...flags, output: flags.output === 'junit' || flags.output === 'tap' ? 'table' : flags.output },
    toolVersion,
    mayBeEmpty: true,
    prepare: async ({ engine }) => {
      await checkPatterns(engine, expectations);
      return expectations.map(expectationQuestion);
    },
  });
  if (read === undefined) return;
  const { answers, accounting, seconds } = read;
  const judged = expectations.map((expectation, at): Finding => {
    const verdict = judgeExpectation(expectation, answers[at]?.[0] ?? []);
    const { isMet, calls, shown, otherCalls, otherShown } = verdict;
    const others = { calls: otherCalls, shown: readExamples(otherShown) };
    const { name, reason, bound } = expectation;
    return { name, reason, bound, isMet, calls, shown: readExamples(shown), others };
  });
  const empty = aboutEmptiness(accounting, flags);
  const findings = [...empty, ...aboutCompleteness(accounting, flags), ...judged];
  const isPassed = [...empty, ...judged].every(({ isMet }) => isMet);
  if (!isPassed) markFailedGate();
  if ((await printFindings({ findings, accounting, seconds }, flags)) === 'closed') return;
  const failures = findings.filter(({ isMet }) => !isMet).map(describeFailure);
  reportGate({ accounting, seconds, flags, verdict: [describe(findings)], isPassed, failures });
}

/** A gate that saw nothing has not passed. */
function aboutEmptiness({ records }: Accounting, flags: AssertFlags): Finding[] {
  if (records.kept > 0 || flags['allow-empty']) return [];
  return [failed('calls were captured', 'No call was read; --allow-empty takes that for what was meant.')];
}

/** Neither has one that saw not all; its exit code is that of every incomplete answer. */
function aboutCompleteness(accounting: Accounting, flags: AssertFlags): Finding[] {
  if (!isIncomplete(accounting) || flags['allow-partial']) return [];
  const { objects, records } = accounting;
  const lost = `${formatCountOf(objects.failed, 'object')} failed, ${formatCountOf(records.quarantined, 'record')} quarantined`;
  return [failed('all of the capture was read', `${lost}; --allow-partial accepts it.`)];
}

function failed(name: string, reason: string): Finding {
  return { name, reason, isMet: false, shown: [] };
}

function describeFailure(finding: Finding): string {
  return `${finding.name}: ${describeFinding(finding)}`;
}

function describe(findings: readonly Finding[]): string {
  const missed = findings.filter(({ isMet }) => !isMet).length;
  const all = formatCountOf(findings.length, 'expectation');
  return missed === 0 ? `${all}, all met` : `${missed} of ${all} not met`;
}
