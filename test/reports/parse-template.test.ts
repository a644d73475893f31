import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { UserError } from '../../src/errors.js';
import { parseTemplate } from '../../src/reports/parse-template.js';
import { figureNames } from '../../src/reports/report-template.js';

const read = (text: string) =>
  parseTemplate({ name: 'r.yml', file: 'r.yml', text, isOurs: false, locate: (path) => path });

function faultOf(text: string): string {
  try {
    read(text);
  } catch (error) {
    if (error instanceof UserError) return [error.message, ...error.wayOut].join('\n');
    throw error;
  }
  return 'none';
}

describe('what is wrong is told with line and column', () => {
  const title = 'title: T\nsections:\n  - title: A\n';
  test.each([
    ['a value', `${title}    question: anomalies\n    parameters: { every: houre }\n`, /r\.yml:5:26: .*"houre"/],
    ['YAML', 'title: [', /r\.yml:1:9: Flow sequence/],
    ['no sections', 'title: T\n', /r\.yml:1:1: "sections" has to be a list/],
    ['no title', 'sections:\n  - title: A\n    question: services\n', /r\.yml:1:1: "title" is missing/],
    ['a key twice', 'title: T\ntitle: U\nsections: []\n', /r\.yml:\d+:\d+: .*(unique|twice)/],
    ['new without key', `${title}    question: services\n    new: yes\n`, /r\.yml:3:5: "compare" and "new" need "key"/],
    [
      'a time zone',
      `timezone: Mars/X\n${title}    question: services\n`,
      /r\.yml:1:11: "timezone" is UTC, an IANA name/,
    ],
    [
      'a day',
      `startDate: 2026-02-30\nendDate: 2026-03-01\n${title}    question: services\n`,
      /r\.yml:1:12: "startDate" is a day/,
    ],
    ['an alias', `${title}    question: &q services\n    text: *q\n`, /r\.yml:5:11: aliases/],
  ])('%s', (_, text, said) => expect(faultOf(text)).toMatch(said));
});

test('a section is read with what it leaves out', () => {
  const { sections, compare, thresholds } = read(
    'title: T\nsections:\n  - title: Top & more\n    question: top-operations\n    count: { many_calls: }\nthresholds:\n  - when: many_calls > 3\n',
  );
  expect(sections[0]).toMatchObject({
    ...{ id: 'top-more', show: 'table', limit: 20, key: [], y: [], columns: [], onlyNew: false },
    count: { name: 'many_calls', label: 'many calls' },
  });
  expect(compare).toBe(true);
  expect(thresholds[0]).toMatchObject({ fails: false, condition: { figure: 'many_calls', limit: 3 } });
});

test('sections of one title are told apart', () => {
  const section = '  - title: A\n    question: services\n';
  const ids = read(`title: T\nsections:\n${section}${section}`).sections.map(({ id }) => id);
  expect(ids).toEqual(['a', 'a-2']);
  const named = ['A', 'A', 'A 2', 'A'].map((title) => `  - title: ${title}\n    question: services\n`);
  expect(read(`title: T\nsections:\n${named.join('')}`).sections.map(({ id }) => id)).toEqual([
    ...['a', 'a-2', 'a-2-2', 'a-3'],
  ]);
});

test.each(readdirSync('src/reports/templates'))('%s is a report', (file) => {
  const text = readFileSync(`src/reports/templates/${file}`, 'utf8');
  const template = parseTemplate({ name: file, file, text, isOurs: true, locate: (path) => path });
  expect(figureNames(template).length).toBeGreaterThan(2);
  expect(template.sections.every(({ text: said, show }) => said !== '' || show === 'number')).toBe(true);
});
