import Builder from 'fast-xml-builder';
import { sanitizeForTerminal } from './sanitize.js';
import type { ReportedTest, TestReport } from './test-report.js';

/**
 * Tests as JUnit's XML. What XML 1.0 has no place for (control characters, lone surrogates) is written as a visible escape.
 */
export function renderJunit({ name, seconds, tests }: TestReport): string {
  const counts = {
    '@tests': String(tests.length),
    '@failures': String(tests.filter(({ isPassed }) => !isPassed).length),
    '@errors': '0',
    '@skipped': '0',
    '@time': seconds.toFixed(3),
  };
  const suite = { '@name': shown(name), ...counts, testcase: tests.map((test) => testcase(test, name)) };
  const builder = new Builder({
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    format: true,
    suppressEmptyNode: true,
  });
  return builder.build({
    '?xml': { '@version': '1.0', '@encoding': 'UTF-8' },
    testsuites: { ...counts, testsuite: suite },
  });
}

function testcase(
  { name, isPassed, message, details }: ReportedTest,
  suite: string,
): Readonly<Record<string, unknown>> {
  const named = { '@name': shown(name), '@classname': shown(suite), '@time': '0.000' };
  if (isPassed) return named;
  const text = [message, ...details].map(shown).join('\n');
  return { ...named, failure: { '@message': shown(message), '@type': 'expectation', '#text': text } };
}

function shown(text: string): string {
  return sanitizeForTerminal(text);
}
