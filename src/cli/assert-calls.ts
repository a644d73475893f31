import type { Accounting } from '../dataset/accounting.js';
import { EXIT_CODES } from '../errors.js';
import { checkPatterns } from '../expectations/check-patterns.js';
import { expectationQuestion } from '../expectations/expectation-question.js';
import { judgeExpectation } from '../expectations/judge-expectation.js';
import { askSource } from './ask-source.js';
import type { AssertFlags } from './assert-flags.js';
import { readExample } from './example-call.js';
import { formatCountOf } from './format-amount.js';
import { isIncomplete } from './incomplete.js';
import type { Finding } from './finding.js';
import { printFindings } from './print-findings.js';
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
  const findings = [...aboutTheCapture(accounting, flags), ...judged];
  if ((await printFindings({ findings, accounting, seconds }, flags)) === 'closed') return;
  reportGate({ accounting, seconds, flags, verdict: [describe(findings)] });
  const isPlain = judged.every(({ isMet }) => isMet) && accounting.records.kept > 0;
  if (!isPlain && findings.some(({ isMet }) => !isMet)) process.exitCode = EXIT_CODES.gate;
}

/** A gate that saw nothing, or not all, has not passed. */
function aboutTheCapture(accounting: Accounting, flags: AssertFlags): Finding[] {
  const { objects, records } = accounting;
  const isEmpty = records.kept === 0 && !flags['allow-empty'];
  const isPartial = isIncomplete(accounting) && !flags['allow-partial'];
  return [
    ...(isEmpty
      ? [failed('calls were captured', 'No call was read; --allow-empty takes that for what was meant.')]
      : []),
    ...(isPartial
      ? [
          failed(
            'all of the capture was read',
            `${formatCountOf(objects.failed, 'object')} failed, ${formatCountOf(records.quarantined, 'record')} quarantined; --allow-partial accepts it.`,
          ),
        ]
      : []),
  ];
}

function failed(name: string, reason: string): Finding {
  return { name, reason, isMet: false, shown: [] };
}

function readExamples(json: string): Finding['shown'] {
  return (JSON.parse(json) as unknown[]).map((one) => readExample(JSON.stringify(one)));
}

function describe(findings: readonly Finding[]): string {
  const missed = findings.filter(({ isMet }) => !isMet).length;
  const all = formatCountOf(findings.length, 'expectation');
  return missed === 0 ? `${all}, all met` : `${missed} of ${all} not met`;
}
