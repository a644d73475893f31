import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { expect, test } from 'vitest';
import { renderJunit } from '../../src/output/junit.js';
import { HOSTILE_STRINGS } from './hostile-strings.js';

const REPORT = {
  name: 'awsusage assert',
  seconds: 1.25,
  tests: [
    { name: 'good', isPassed: true, message: '', details: [] },
    { name: 'a < b & "c"', isPassed: false, message: '2 calls, wanted = 0', details: ['one', ']]> two'] },
  ],
};

interface Suites {
  readonly testsuites: {
    readonly testsuite: { readonly testcase: readonly Readonly<Record<string, unknown>>[] } & Readonly<
      Record<string, unknown>
    >;
  };
}

function parsed(xml: string): Suites {
  expect(XMLValidator.validate(xml)).toBe(true);
  const options = { ignoreAttributes: false, attributeNamePrefix: '@', parseTagValue: false, trimValues: false };
  return new XMLParser(options).parse(xml) as Suites;
}

test('a report has its counts, and what is said of what failed', () => {
  const { testsuite } = parsed(renderJunit(REPORT)).testsuites;
  expect(testsuite).toMatchObject({ '@tests': '2', '@failures': '1', '@errors': '0', '@time': '1.250' });
  expect(testsuite.testcase.map((one) => one['@name'])).toEqual(['good', 'a < b & "c"']);
  expect(testsuite.testcase[0]).not.toHaveProperty('failure');
  expect(testsuite.testcase[1]?.['failure']).toMatchObject({
    '@message': '2 calls, wanted = 0',
    '#text': '2 calls, wanted = 0\none\n]]> two',
  });
});

test('hostile texts stay texts, and the whole is XML 1.0', () => {
  const tests = HOSTILE_STRINGS.map((text) => ({ name: text, isPassed: false, message: text, details: [text] }));
  const xml = renderJunit({ ...REPORT, tests });
  const { testsuite } = parsed(xml).testsuites;
  expect(testsuite.testcase).toHaveLength(HOSTILE_STRINGS.length);
  for (const one of testsuite.testcase)
    expect(Object.keys(one).sort()).toEqual(['#text', '@classname', '@name', '@time', 'failure']);
  // Characters that XML 1.0 knows.
  expect(xml).toMatch(/^[\x09\x0a\x0d\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u);
});
