// `node check-answer.js FOLDER ANSWER.json`: counts sessions per day in a folder of recorded calls without any of
// awsusage's code, and compares that with what `awsusage query sessions-per-day FOLDER --json` said.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { gunzipSync } from 'node:zlib';

const [folder, answerFile] = process.argv.slice(2);
const expected = countSessions(readCalls(folder));
const { rows } = JSON.parse(readFileSync(answerFile, 'utf8'));
if (expected.length === 0 || !isDeepStrictEqual(rows, expected)) {
  console.error(`The answer is wrong.\nexpected ${JSON.stringify(expected)}\ngot      ${JSON.stringify(rows)}`);
  process.exitCode = 1;
} else {
  console.log(`The answer is right: ${expected.length} days.`);
}

function readCalls(root) {
  const paths = readdirSync(root, { recursive: true }).map((name) => join(root, name));
  const objects = paths.filter((path) => statSync(path).isFile() && !path.endsWith('.DS_Store'));
  return objects.flatMap((path) => {
    const bytes = readFileSync(path);
    return splitValues((bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString('utf8'));
  });
}

/** The objects of a text, whatever lies between them. */
function splitValues(text) {
  const values = [];
  let depth = 0;
  let start = 0;
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}]/g)) {
    if (token === '{' && depth++ === 0) start = index;
    if (token === '}' && --depth === 0) values.push(JSON.parse(text.slice(start, index + 1)));
  }
  return values;
}

function countSessions(calls) {
  const unique = new Map(calls.map((call, index) => [call.event_id ?? index, call]));
  const days = groupByDay(unique.values());
  return [...days]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([date, of]) => ({
      date,
      number_of_sessions: new Set(of.map((call) => call.session_id)).size,
      calls: of.length,
    }));
}

function groupByDay(calls) {
  const days = new Map();
  for (const call of calls) days.set(dayOf(call), [...(days.get(dayOf(call)) ?? []), call]);
  return days;
}

function dayOf(call) {
  return call.timestamp.slice(0, 10);
}
