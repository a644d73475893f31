import { sanitizeForTerminal } from './sanitize.js';
import { quoteJson } from './stringify-json.js';
import type { ReportedTest, TestReport } from './test-report.js';

/** Tests as TAP, version 14 (testanything.org); what is said of a failed one is a block of YAML below it. */
export function renderTap({ tests }: TestReport): string {
  return ['TAP version 14', `1..${tests.length}`, ...tests.flatMap(testLines), ''].join('\n');
}

function testLines({ name, isPassed, message, details }: ReportedTest, index: number): string[] {
  const line = `${isPassed ? 'ok' : 'not ok'} ${index + 1} - ${description(name)}`;
  if (isPassed) return [line];
  const listed = details.length === 0 ? [] : ['  calls:', ...details.map((detail) => `    - ${quoteJson(detail)}`)];
  return [line, '  ---', `  message: ${quoteJson(message)}`, ...listed, '  ...'];
}

/** A `#` would begin a directive: `# SKIP` makes a failed test a passed one. */
function description(text: string): string {
  return sanitizeForTerminal(text).replace(/[\\#]/g, String.raw`\$&`);
}
