import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { AWSUSAGE, ROOT, withCache } from '../ask-awsusage.js';
import { checkAnswer } from '../check-answer.js';
import { answerOf } from '../make-data.js';
import { amount, measureRow } from '../measure-rows.js';
import { comparePair, runNode } from '../measure.js';

/** The month of the report and, before it, the month that it is held against, in hours of the data. */
const [FIRST, END] = [30 * 24, 61 * 24];
const WINDOW = ['--since', '2026-07-01', '--until', '2026-08-01'];

/** A report of a month, held against the month before, beside its questions asked one by one of the month alone. */
export async function measureReport(options) {
  const data = await options.dataOf('months');
  const { files, filesPerHour, callsPerFile } = data.plan;
  const calls = (END - FIRST) * filesPerHour * callsPerFile;
  const row = { row: 'p', what: `a report over a month of ${amount(calls)} calls / its questions one by one` };
  return [
    await measureRow({ ...row, goal: { atMost: 1.5 } }, () =>
      withCache(options, (cwd) => {
        const run = (args) => runNode([AWSUSAGE, ...args, data.path, '--json', '--quiet'], { cwd, env: NO_CACHE });
        const ours = async () => {
          const ran = await run(['report', '--month', '2026-07']);
          checkReport(JSON.parse(ran.stdout), { data, calls, files });
          return ran;
        };
        const theirs = async () => {
          let ms = 0;
          for (const question of questions()) ms += (await run([...question, ...WINDOW])).ms;
          return { ms };
        };
        return comparePair(options, { ours, theirs });
      }),
    ),
  ];
}

const NO_CACHE = { AWSUSAGE_CACHE: 'off' };

/** The questions of the report, as one would ask them by hand. */
function questions() {
  const text = readFileSync(join(ROOT, 'src/reports/templates/usage.yml'), 'utf8');
  return parse(text).sections.map(({ question, sql }) => (sql === undefined ? ['query', question] : ['sql', sql]));
}

/** The right figures, out of one reading: every object of the two months once, and every record once. */
function checkReport({ calls, sections, accounting }, { data, calls: expected, files }) {
  const read = { calls, objects: accounting.objects.read, records: accounting.records.read };
  checkAnswer(read, { calls: expected, objects: files, records: data.calls }, 'the report of awsusage');
  const top = sections.find(({ id }) => id === 'top-operations').rows.map(withoutBefore);
  const { filesPerHour } = data.plan;
  const answer = answerOf(data.plan, { first: FIRST * filesPerHour, end: END * filesPerHour });
  checkAnswer(top, answer.slice(0, top.length), 'the report of awsusage');
}

function withoutBefore(row) {
  return Object.fromEntries(Object.entries(row).filter(([name]) => name !== 'calls_before'));
}
