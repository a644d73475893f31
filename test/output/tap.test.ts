import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { renderTap } from '../../src/output/tap.js';
import { HOSTILE_STRINGS } from './hostile-strings.js';

test('a report is a plan and a line for each test', () => {
  const tests = [
    { name: 'good', isPassed: true, message: '', details: [] },
    { name: 'bad # SKIP it \\', isPassed: false, message: '2 calls, wanted = 0', details: ['one: "x"', '- two'] },
  ];
  const [version, plan, first, second, ...block] = renderTap({ name: 'x', seconds: 1, tests }).trimEnd().split('\n');
  expect([version, plan]).toEqual(['TAP version 14', '1..2']);
  expect([first, second]).toEqual(['ok 1 - good', String.raw`not ok 2 - bad \# SKIP it \\`]);
  expect([block[0], block.at(-1)]).toEqual(['  ---', '  ...']);
  expect(parse(block.slice(1, -1).join('\n'))).toEqual({
    message: '2 calls, wanted = 0',
    calls: ['one: "x"', '- two'],
  });
});

test('hostile texts add no line and no directive', () => {
  const tests = HOSTILE_STRINGS.map((text) => ({ name: text, isPassed: false, message: text, details: [text] }));
  const lines = renderTap({ name: 'x', seconds: 1, tests }).trimEnd().split('\n');
  expect(lines).toHaveLength(2 + 6 * tests.length);
  for (const line of lines.filter((one) => one.startsWith('not ok'))) expect(line).not.toMatch(/(?<!\\)#/);
});
