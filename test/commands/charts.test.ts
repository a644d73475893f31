import { describe, expect, test } from 'vitest';
import { displayWidth } from '../../src/output/display-width.js';
import { apiCall } from './made-calls.js';
import { awsusage, BUCKET, newFolder } from './run-awsusage.js';
import { hasPython, runOnTerminal } from './run-on-terminal.js';

/** The label, the value and the length of each bar. */
function barsOf(text: string): [string, string, number][] {
  return text.split('\n').flatMap((line) => {
    const [, label = '', value = '', bar = ''] = /^(.*\S)\s+(-?[\d,.]+) ╢(█*)$/.exec(line) ?? [];
    return value === '' ? [] : [[label, value, bar.length] as [string, string, number]];
  });
}

const widest = (text: string) => Math.max(...text.split('\n').map(displayWidth));

describe('--output chart', () => {
  test('draws a bar for each time, as long as its value, within 80 columns of a pipe', async () => {
    const end = await awsusage(['query', 'sessions-per-day', BUCKET, '-o', 'chart']);
    expect(end.code).toBe(0);
    const bars = barsOf(end.stdout);
    expect(bars.map(([label, value]) => [label, value])).toEqual([
      ['2026-10-01', '3'],
      ['2026-10-02', '5'],
      ['2026-10-03', '2'],
      ['2026-10-05', '6'],
      ['2026-10-06', '4'],
    ]);
    const longest = bars[3]?.[2] ?? 0;
    expect(longest).toBeGreaterThan(55);
    for (const [, value, length] of bars)
      expect(Math.abs(length - (Number(value) / 6) * longest)).toBeLessThanOrEqual(1);
    expect(widest(end.stdout)).toBeLessThanOrEqual(80);
    expect(end.stdout).toMatch(/^number of sessions\n/);
    expect(end.stdout).not.toContain('\u001b');
  });

  test.skipIf(!hasPython()).each([40, 120])('keeps within a terminal of %d columns, with colour', async (columns) => {
    const { output, code } = await runOnTerminal(['query', 'metering', BUCKET, '-o', 'chart', '-q'], { columns });
    expect(code).toBe(0);
    const plain = output.replaceAll('\r', '').replace(/\u001b\[[\d;]*m/g, '');
    expect(output).toContain('\u001b[');
    expect(widest(plain)).toBeLessThanOrEqual(columns);
    expect(widest(plain)).toBeGreaterThan(columns - 8);
    expect(barsOf(plain).map(([, value]) => value)).toEqual(['60', '120', '53', '146', '99']);
  });

  test('draws many times as a line, with its first and last time and its peak', async () => {
    const lines = Array.from({ length: 200 }, (_, hour) =>
      Array.from({ length: hour === 150 ? 9 : 1 }, () =>
        apiCall({ timestamp: new Date(Date.UTC(2026, 9, 1, hour)).toISOString() }),
      ),
    );
    const source = newFolder({ 'a.json': lines.flat().join('\n') });
    const end = await awsusage(['query', 'calls-over-time', source, '--every', 'hour', '-o', 'chart']);
    expect(end.code).toBe(0);
    expect(end.stdout).toMatch(/^2026-10-01 00:00 +2026-10-09 07:00$/m);
    expect(end.stdout).toMatch(/^9┤/m);
    expect(widest(end.stdout)).toBeLessThanOrEqual(80);
  });

  test('marks anomalies, adds up the rows of one time, and shows what is less than nothing', async () => {
    const select = `select * from (values (date '2026-10-01', 3, 'ok'), (date '2026-10-01', 4, 'nok'), (date '2026-10-02', -5, 'ok'), (null, 8, 'ok')) as t(date, n, status)`;
    const end = await awsusage(['sql', select, BUCKET, '-o', 'chart']);
    expect(barsOf(end.stdout).map(([label, value]) => [label, value])).toEqual([
      ['2026-10-01 nok', '7'],
      ['2026-10-02', '-5'],
    ]);
  });

  test('of nothing says so', async () => {
    const end = await awsusage(['query', 'sessions-per-day', BUCKET, '--service', 'none', '-o', 'chart']);
    expect(end).toMatchObject({ code: 0, stdout: '(0 rows)\n' });
  });

  test.each(['errors', 'denormalize', 'top-operations'])(
    '%s has no time: exit code 2, with those that have one',
    async (name) => {
      const end = await awsusage(['query', name, 'no-such-source', '-o', 'chart']);
      expect(end).toMatchObject({ code: 2, stdout: '' });
      expect(end.stderr).toContain(`The question ${name} has no time`);
      expect(end.stderr).toContain('anomalies, calls-over-time, metering, s3-buckets, sessions-per-day.');
    },
  );

  test('of SQL without a time ends with exit code 2', async () => {
    const end = await awsusage([
      'sql',
      'select service, count(*) as n from api_calls group by 1',
      BUCKET,
      '-o',
      'chart',
    ]);
    expect(end).toMatchObject({ code: 2, stdout: '' });
    expect(end.stderr).toContain('these are service, n');
  });
});

describe('--output html', () => {
  const partsOf = (page: string) => [page.match(/<svg /g)?.length ?? 0, page.match(/<table>/g)?.length ?? 0];

  test('of a question over time is one table, and one chart for wide and for narrow pages', async () => {
    const { code, stdout } = await awsusage(['query', 'calls-over-time', BUCKET, '-o', 'html']);
    expect(code).toBe(0);
    expect(partsOf(stdout)).toEqual([2, 1]);
    expect(stdout).toContain('<h1>calls-over-time</h1>');
    expect(stdout).toContain('<td class="n">146</td>');
  });

  test('of any other is one table', async () => {
    const { code, stdout } = await awsusage(['query', 'errors', BUCKET, '-o', 'html', '--limit', '3']);
    expect(code).toBe(0);
    expect(partsOf(stdout)).toEqual([0, 1]);
    expect(stdout.match(/<tr>/g)).toHaveLength(4);
  });

  test.each(['html', 'chart'])('several answers are no %s', async (output) => {
    const end = await awsusage(['query', 'sessions-per-day,calls-over-time', BUCKET, '-o', output]);
    expect(end).toMatchObject({ code: 2, stdout: '' });
  });
});
