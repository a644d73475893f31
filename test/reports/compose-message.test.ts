import { describe, expect, test } from 'vitest';
import { composeMessage } from '../../src/reports/compose-message.js';
import { dangerIn } from '../output/dangerous-characters.js';
import { HOSTILE_STRINGS } from '../output/hostile-strings.js';
import { madeReport } from './made-report.js';

const FIGURES = [
  { name: 'calls', label: 'calls', section: 's', value: 1204n, before: 1000n },
  { name: 'errors', label: 'failed calls', section: 's', value: 3n, before: null },
  { name: 'request_bytes', label: 'bytes received', section: 's', value: 3_210_000n, before: null },
];

test('says the main figures, what was crossed, and where the report is', () => {
  const judgements = [{ condition: 'errors > 0', text: 'Nothing should fail.', crossed: true, fails: true }];
  const before = { label: 'September 2026 (UTC)', since: undefined, until: undefined };
  const report = madeReport({ title: 'AWS usage', figures: FIGURES, judgements, before });
  expect(composeMessage(report, ['Report: s3://reports/2026-10.html', 'Link: https://x.test/'])).toEqual({
    subject: '[failed] AWS usage, October 2026 (UTC): 1,204 calls, 3 failed calls',
    text: [
      'AWS usage: October 2026 (UTC)',
      'Compared with September 2026 (UTC)',
      '',
      'calls: 1,204, +204 (+20 %)',
      'failed calls: 3',
      'bytes received: 3.2 MB',
      'FAILED: errors > 0. Nothing should fail.',
      '',
      'Report: s3://reports/2026-10.html',
      'Link: https://x.test/',
      '',
    ].join('\n'),
  });
});

describe('within the limits of SNS', () => {
  test.each([...HOSTILE_STRINGS, 'x'.repeat(300), 'Übersicht für März'])('with the title %j', (title) => {
    const { subject, text } = composeMessage(madeReport({ title, figures: FIGURES }), ['Report: a']);
    expect(subject).toMatch(/^[\x21-\x7e][\x20-\x7e]{0,99}$/);
    expect(dangerIn(text, '\n')).toEqual([]);
  });

  test('with more figures than a message holds, and the place still in it', () => {
    const many = Array.from({ length: 10_000 }, (_, at) => ({
      ...FIGURES[0]!,
      name: `f${at}`,
      label: `figure ${at} ${'ß'.repeat(30)}`,
    }));
    const { text } = composeMessage(madeReport({ figures: many }), ['Report: s3://reports/x.html']);
    expect(Buffer.byteLength(text)).toBeLessThan(256 * 1024);
    expect(Buffer.byteLength(text)).toBeGreaterThan(150 * 1024);
    expect(text).toMatch(/… and more, in the report\n\nReport: s3:\/\/reports\/x\.html\n$/);
  });
});
