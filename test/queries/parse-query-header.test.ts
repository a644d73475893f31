import { describe, expect, test } from 'vitest';
import { parseQueryHeader } from '../../src/queries/parse-query-header.js';

const parse = (text: string): ReturnType<typeof parseQueryHeader> =>
  parseQueryHeader({ name: 'q', file: 'q.sql', text });

test('everything that a header can say', () => {
  const query = parse(
    [
      '-- summary: buckets',
      '-- parameter: every',
      '--   type: choice',
      '--   choices: hour, day',
      '--   default: hour',
      '--   description: how long, in all: a period',
      '-- parameter: fill-gaps',
      '--   type: boolean',
      '-- parameter: sigma',
      '--   type: number',
      '--   required: yes',
      '--   min: 0',
      '--   max: 9.5',
      '--',
      '-- column: bucket text: the bucket',
      '-- limit: 20',
      '-- guard: at most 100 periods',
      '--   SELECT 1,',
      '--     $every',
      '-- example: awsusage query q ./logs',
      '-- note: one',
      '--   and two',
      '-- note: three',
      '',
      '-- a comment of the SQL',
      'SELECT $fill_gaps, $sigma',
      '',
    ].join('\r\n'),
  );
  expect(query).toEqual({
    name: 'q',
    summary: 'buckets',
    parameters: [
      {
        name: 'every',
        type: 'choice',
        choices: ['hour', 'day'],
        defaultText: 'hour',
        required: false,
        description: 'how long, in all: a period',
      },
      { name: 'fill-gaps', type: 'boolean', choices: [], required: false, description: '' },
      { name: 'sigma', type: 'number', choices: [], required: true, min: 0, max: 9.5, description: '' },
    ],
    columns: [{ name: 'bucket', type: 'text', description: 'the bucket' }],
    examples: ['awsusage query q ./logs'],
    notes: ['one and two', 'three'],
    limit: 20,
    guard: { most: 100, noun: 'periods', sql: 'SELECT 1,\n  $every' },
    sql: '-- a comment of the SQL\nSELECT $fill_gaps, $sigma',
  });
});

describe('a file without a header', () => {
  test.each(['SELECT 1', '\uFEFF\n\nSELECT 1\n', '-- what I want to know\nSELECT 1'])('%j', (text) => {
    expect(parse(text)).toMatchObject({
      summary: '',
      parameters: [],
      limit: 0,
      sql: text.replace('\uFEFF', '').trim(),
    });
  });
});

describe('a fault names the file and the line', () => {
  const parameter = (...lines: string[]): string =>
    ['-- summary: s', '-- parameter: p', ...lines.map((line) => `--   ${line}`), '', 'SELECT $p'].join('\n');

  test.each([
    ['-- summary: s\n-- sumary: x\nSELECT 1', 'q.sql:2: unknown key "sumary"'],
    [
      '-- summary: s\n-- just a comment\nSELECT 1',
      'q.sql:2: this line of the header is not understood: -- just a comment',
    ],
    ['-- summary:\nSELECT 1', 'q.sql:1: "summary:" says nothing'],
    ['-- summary: s\n-- summary: s\nSELECT 1', 'q.sql:2: "summary" comes twice'],
    ['-- summary: s\n-- limit: many\nSELECT 1', 'q.sql:2: a limit is a whole number'],
    ['-- summary: s\n-- column: a varchar: x\nSELECT 1', 'q.sql:2: a column is "NAME TYPE: description"'],
    ['-- summary: s\n-- guard: few\nSELECT 1', 'q.sql:2: a guard is'],
    ['-- summary: s\n-- parameter: P\n--   type: text\nSELECT $p', "q.sql:2: a parameter's name"],
    ['-- summary: s', 'q.sql: there is no SQL'],
    ['-- summary: s\nSELECT $p', 'q.sql: the SQL uses $p, which the header does not declare'],
    ['SELECT $p', 'q.sql: the SQL uses $p, which the header does not declare'],
    ['SELECT ?', 'q.sql: the SQL uses $?, which'],
    [parameter('type: text').replace('$p', '1'), 'q.sql: the header declares $p, which the SQL does not use'],
    [
      `${parameter('type: text').replace('\n\n', '\n-- parameter: p\n--   type: text\n\n')}`,
      'q.sql: the parameter $p is declared twice',
    ],
    [parameter(), 'q.sql:2: "type" must be one of text, integer'],
    [parameter('type: int'), 'q.sql:2: "type" must be one of'],
    [parameter('type: text', 'size: 3'), 'q.sql:4: a parameter has type, choices'],
    [parameter('type: text', 'type: text'), 'q.sql:4: "type" comes twice'],
    [parameter('type: choice'), 'q.sql:2: "choices" belong to'],
    [parameter('type: text', 'choices: a'), 'q.sql:2: "choices" belong to'],
    [
      parameter('type: choice', 'choices: a, b', 'default: c'),
      'q.sql:5: the default does not fit: --p "c" is not one of a, b',
    ],
    [parameter('type: integer', 'default: 5', 'max: 4'), 'q.sql:4: the default does not fit'],
    [parameter('type: integer', 'min: x'), 'q.sql:4: "min" must be a number'],
    [parameter('type: text', 'min: 1'), 'q.sql:2: "min" and "max" belong to'],
    [parameter('type: text', 'required: no'), 'q.sql:4: "required" can only be "yes"'],
    [parameter('type: text', 'default: x', 'required: yes'), 'q.sql:2: a parameter with a default cannot be required'],
  ])('%j', (text, message) => {
    expect(() => parse(text)).toThrow(
      expect.objectContaining({ name: 'UserError', message: expect.stringContaining(message) }),
    );
  });
});
