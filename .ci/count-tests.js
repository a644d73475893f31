// The plain closing line out of vitest's JSON report. A test file that did not load counts as one failure.
import { readFileSync } from 'node:fs';

const report = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const notLoaded = report.testResults.filter(
  (file) => file.status === 'failed' && file.assertionResults.length === 0,
).length;
const skipped = report.numPendingTests + report.numTodoTests;
const counts = [`${report.numPassedTests} passed`, `${report.numFailedTests + notLoaded} failed`];
console.log([...counts, ...(skipped > 0 ? [`${skipped} skipped`] : [])].join(', '));
if (report.numPassedTests === 0) process.exitCode = 1;
