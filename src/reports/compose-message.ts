import { sanitizeForTerminal } from '../output/sanitize.js';
import { describeCompleteness } from './describe-completeness.js';
import { figureChange, figureText } from './describe-figure.js';
import type { Report } from './report.js';

export interface ReportMessage {
  /** At most 100 characters of ASCII, none of them a control character. */
  readonly subject: string;
  readonly text: string;
}

/** What SNS takes for a subject, and for a message with room for its envelope. */
const SUBJECT_CHARACTERS = 100;
const TEXT_BYTES = 200 * 1024;

/**
 * Tells of a report in a few lines: its main figures, thresholds that were crossed, and where the whole is.
 * @param places where the report and what belongs to it lie, a line each
 */
export function composeMessage(report: Report, places: readonly string[]): ReportMessage {
  const { title, period, before, figures, judgements, notes, accounting } = report;
  const crossed = judgements.filter((one) => one.crossed === true);
  const lines = [
    `${title}: ${period.label}`,
    ...(before === undefined ? [] : [`Compared with ${before.label}`]),
    '',
    ...figures.map((figure) => {
      const change = figureChange(figure);
      return `${figure.label}: ${figureText(figure)}${change === '' ? '' : `, ${change === '=' ? 'as before' : change}`}`;
    }),
    ...crossed.map(
      ({ condition, text, fails }) => `${fails ? 'FAILED' : 'NOTE'}: ${condition}${text === '' ? '' : `. ${text}`}`,
    ),
    ...notes,
    ...describeCompleteness(accounting).slice(1),
  ].map(sanitizeForTerminal);
  const tail = ['', ...places].join('\n');
  return { subject: subjectOf(report), text: `${cutLines(lines, TEXT_BYTES - Buffer.byteLength(tail))}\n${tail}\n` };
}

function subjectOf({ title, period, judgements, figures }: Report): string {
  const failed = judgements.some(({ crossed, fails }) => crossed === true && fails) ? '[failed] ' : '';
  const [first, second] = figures;
  const shown = [first, second].flatMap((figure) =>
    figure === undefined ? [] : [`${figureText(figure)} ${figure.label}`],
  );
  const text = `${failed}${title}, ${period.label}${shown.length === 0 ? '' : `: ${shown.join(', ')}`}`;
  const ascii = sanitizeForTerminal(text)
    .replaceAll('–', '-')
    .replace(/[^\x20-\x7e]/gu, '?')
    .trim();
  return ascii.length <= SUBJECT_CHARACTERS ? ascii : `${ascii.slice(0, SUBJECT_CHARACTERS - 3).trimEnd()}...`;
}

function cutLines(lines: readonly string[], bytes: number): string {
  let text = '';
  for (const line of lines) {
    if (Buffer.byteLength(text) + Buffer.byteLength(line) + 1 > bytes) return `${text}\n… and more, in the report`;
    text += text === '' ? line : `\n${line}`;
  }
  return text;
}
