import type { Accounting } from '../dataset/accounting.js';
import type { Column, Row } from '../engines/engine.js';
import { shorten } from '../output/display-width.js';
import { JSON_VERSION } from '../output/json-version.js';
import { once } from '../output/once.js';
import { sanitizeForTerminal } from '../output/sanitize.js';
import { renderRows } from '../output/row-formats.js';
import { stringifyJson } from '../output/stringify-json.js';
import type { TestReport } from '../output/test-report.js';
import type { AssertFlags } from './assert-flags.js';
import { describeExample, nameOf, type ExampleCall } from './example-call.js';
import type { Finding } from './finding.js';
import { formatCountOf } from './format-amount.js';
import { printSections, ROW_FORMATS, type Section } from './print-sections.js';
import { terminalOptions } from './terminal-options.js';
import { writeStdout } from './write-stdout.js';

export interface PrintedFindings {
  readonly findings: readonly Finding[];
  readonly accounting: Accounting;
  readonly seconds: number;
}

/** A request is shortened to this in tables and reports; JSON has all of it. */
const EXAMPLE_WIDTH = 200;

/**
 * Prints what became of each expectation: as tables, with the calls that decided those that are not met; as rows; as one JSON
 * object `{version, passed, summary, expectations, accounting}`; or as JUnit's XML or TAP.
 */
export async function printFindings(printed: PrintedFindings, flags: AssertFlags): Promise<'written' | 'closed'> {
  const { output } = flags;
  if (flags.json || output === 'json') return writeStdout(once(`${document(printed)}\n`), process.stdout);
  if (output === 'junit' || output === 'tap') return writeStdout(once(await testText(output, printed)), process.stdout);
  const rows = { ...flags, output };
  if (!ROW_FORMATS.includes(output)) return printSections(sections(printed, output), rows);
  const chunks = once(printed.findings.map(findingRow));
  return writeStdout(renderRows(output, { ...terminalOptions(rows), columns: COLUMNS, chunks }), process.stdout);
}

function text(name: string): Column {
  return { name, type: 'text' };
}

const COLUMNS: readonly Column[] = [
  text('result'),
  text('expectation'),
  { name: 'calls', type: 'integer' },
  text('wanted'),
  text('reason'),
];

function findingRow({ isMet, name, calls, bound, reason }: Finding): Row {
  const wanted = bound === undefined ? null : `${bound.operator} ${bound.calls}`;
  return [isMet ? 'ok' : 'failed', name, calls ?? null, wanted, reason ?? null];
}

function sections({ findings }: PrintedFindings, output: AssertFlags['output']): readonly Section[] {
  const rows = findings.map(findingRow);
  const isNeeded = (at: number): boolean => at < 2 || rows.some((row) => row[at] !== null);
  const kept = COLUMNS.map((_, at) => at).filter(isNeeded);
  return [
    {
      title: 'expectations',
      columns: kept.flatMap((at) => COLUMNS[at] ?? []),
      rows: rows.map((row) => kept.map((at) => row[at] ?? null)),
    },
    ...findings.filter(({ isMet }) => !isMet).flatMap((finding) => decidingCalls(finding, output)),
  ];
}

/** The calls that decided that an expectation is not met. A name may be anything. */
function decidingCalls(finding: Finding, output: AssertFlags['output']): Section[] {
  const { name, shown, others } = finding;
  const near = isTooFew(finding) ? (others?.shown ?? []) : [];
  const more = moreCalls(finding);
  const counted = [...shown.map(callRow), ...(more === undefined ? [] : [[null, more, null]])];
  const section = (what: string, rows: readonly Row[]): Section[] => {
    const heading = sanitizeForTerminal(`${name}: ${what}`);
    const title = output === 'markdown' ? `\`${heading.replaceAll('`', "'")}\`` : heading;
    return rows.length === 0 ? [] : [{ title, columns: ['time', 'call', 'what'].map(text), rows }];
  };
  return [
    ...section(describeFinding(finding), counted),
    ...section(
      `${counted.length === 0 ? `${describeFinding(finding)}; ` : ''}calls that do not count`,
      near.map(callRow),
    ),
  ];
}

function callRow(call: ExampleCall): Row {
  return [call.timestamp, nameOf(call), shorten(describeExample(call), EXAMPLE_WIDTH)];
}

/** Calls that almost count tell more where too few do. */
function isTooFew({ calls = 0n, bound }: Finding): boolean {
  return bound !== undefined && calls < BigInt(bound.calls);
}

function moreCalls({ calls = 0n, shown }: Finding): string | undefined {
  const more = calls - BigInt(shown.length);
  return more > 0n && shown.length > 0 ? `and ${formatCountOf(Number(more), 'more call')}` : undefined;
}

function document({ findings, accounting }: PrintedFindings): string {
  const passed = findings.filter(({ isMet }) => isMet).length;
  const listed = findings.map(({ name, reason, isMet, calls, bound, shown, others }) => ({
    name,
    reason: reason ?? null,
    passed: isMet,
    calls: calls ?? null,
    wanted: bound ?? null,
    shown,
    others: others ?? null,
  }));
  const summary = { passed, failed: findings.length - passed };
  const all = { version: JSON_VERSION, passed: summary.failed === 0, summary, expectations: listed, accounting };
  return stringifyJson(all, 2);
}

async function testText(output: 'junit' | 'tap', { findings, seconds }: PrintedFindings): Promise<string> {
  const report: TestReport = { name: 'awsusage assert', seconds, tests: findings.map(testOf) };
  if (output === 'tap') return (await import('../output/tap.js')).renderTap(report);
  return (await import('../output/junit.js')).renderJunit(report);
}

/** What came out, in one line: `0 calls, wanted >= 1: the next job reads it`. */
export function describeFinding({ reason, calls, bound }: Finding): string {
  const counted =
    calls === undefined || bound === undefined
      ? []
      : [`${formatCountOf(Number(calls), 'call')}, wanted ${bound.operator} ${bound.calls}`];
  return [...counted, ...(reason === undefined ? [] : [reason])].join(': ');
}

function testOf(finding: Finding): TestReport['tests'][number] {
  const { name, isMet, shown, others } = finding;
  const more = moreCalls(finding);
  const near = isTooFew(finding) ? (others?.shown ?? []) : [];
  const details = [
    ...shown.map(callLine),
    ...(more === undefined ? [] : [more]),
    ...near.map((call) => `not counted: ${callLine(call)}`),
  ];
  return { name, isPassed: isMet, message: describeFinding(finding), details };
}

function callLine(call: ExampleCall): string {
  const what = describeExample(call);
  return [call.timestamp ?? '', nameOf(call), shorten(what, EXAMPLE_WIDTH)].filter((part) => part !== '').join(' ');
}
