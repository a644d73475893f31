// `node count-tests.js REPORT…`: the plain closing line out of vitest's JSON reports, summed up. A test file that did not
// load counts as one failure, and so does a report that is not there: its run ended before its first test.
import { existsSync, readFileSync } from 'node:fs';

const totals = process.argv.slice(2).map(countReport);
const [passed, failed, skipped] = ['passed', 'failed', 'skipped'].map((name) =>
  totals.reduce((sum, total) => sum + total[name], 0),
);
console.log([`${passed} passed`, `${failed} failed`, ...(skipped > 0 ? [`${skipped} skipped`] : [])].join(', '));
if (totals.length === 0 || totals.some((total) => total.passed === 0)) process.exitCode = 1;

function countReport(path) {
  if (!existsSync(path)) return { passed: 0, failed: 1, skipped: 0 };
  const report = JSON.parse(readFileSync(path, 'utf8'));
  const notLoaded = report.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  ).length;
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + notLoaded,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}
