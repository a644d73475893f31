import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { countSessions, describeCall, hourText, listOperations, writeCall } from './make-calls.js';

const GENERATOR_VERSION = 1;
const IN_FLIGHT = 8;
/** How many files later a file's calls are delivered again. */
const DELIVERED_AGAIN_AFTER = 37;
const DELIVERED_AGAIN_EVERY = 10;

const gzipAsync = promisify(gzip);

/**
 * Makes a folder of recorded calls below `folder`, or takes the one that an earlier run completed there.
 * `plan`: {name, files, callsPerFile, filesPerHour, gzip: level or 0, withIds, twice: a tenth of the calls is delivered twice}.
 * Gives {path, bytes, calls, delivered, answer}, the answer being what `top-operations` has to say about it.
 */
export async function ensureData(folder, plan, say) {
  const path = join(folder, plan.name);
  const completed = await readCompleted(`${path}.json`, plan);
  if (completed !== undefined && existsSync(path)) return { path, ...completed };
  say(`making ${plan.name}: ${plan.files} files of ${plan.callsPerFile} calls`);
  await rm(path, { recursive: true, force: true });
  await rm(`${path}.json`, { force: true });
  const made = await makeFiles(path, plan);
  await writeFile(`${path}.json`, JSON.stringify({ version: GENERATOR_VERSION, plan, made }));
  return { path, ...made };
}

async function readCompleted(file, plan) {
  if (!existsSync(file)) return undefined;
  const { version, plan: earlier, made } = JSON.parse(await readFile(file, 'utf8'));
  const same = version === GENERATOR_VERSION && JSON.stringify(earlier) === JSON.stringify(plan);
  return same ? made : undefined;
}

async function makeFiles(path, plan) {
  const count = makeCount(plan.files * plan.callsPerFile);
  const total = { bytes: 0, delivered: 0 };
  const writing = new Set();
  for (let file = 0; file < plan.files; file += 1) {
    const { lines, delivered } = makeLines(plan, file, count);
    total.delivered += delivered;
    const job = writeObject(path, plan, { file, lines }).then((bytes) => {
      total.bytes += bytes;
      writing.delete(job);
    });
    writing.add(job);
    if (writing.size >= IN_FLIGHT) await Promise.race(writing);
  }
  await Promise.all(writing);
  return { ...total, calls: plan.files * plan.callsPerFile, answer: count.answer() };
}

function makeLines(plan, file, count) {
  const hour = Math.floor(file / plan.filesPerHour);
  const first = file * plan.callsPerFile;
  const texts = [];
  for (let i = first; i < first + plan.callsPerFile; i += 1) {
    const call = describeCall(i);
    count.add(call);
    texts.push(writeCall(i, call, { hour, withId: plan.withIds }));
  }
  if (plan.twice) texts.push(...callsDeliveredAgain(plan, file));
  return { lines: texts.join(''), delivered: texts.length };
}

function callsDeliveredAgain(plan, file) {
  const earlier = (file - DELIVERED_AGAIN_AFTER + plan.files * DELIVERED_AGAIN_AFTER) % plan.files;
  const hour = Math.floor(earlier / plan.filesPerHour);
  const numbers = Array.from(
    { length: plan.callsPerFile / DELIVERED_AGAIN_EVERY },
    (_, index) => earlier * plan.callsPerFile + index * DELIVERED_AGAIN_EVERY,
  );
  return numbers.map((i) => writeCall(i, describeCall(i), { hour, withId: plan.withIds }));
}

async function writeObject(path, plan, { file, lines }) {
  const hour = hourText(Math.floor(file / plan.filesPerHour));
  const [year, month, day, clock] = hour.split(/[-T]/);
  const folder = join(path, 'json-data', `year=${year}`, `month=${month}`, `day=${day}`, `hour=${clock}`);
  const name = `aws-calls-1-${year}-${month}-${day}-${clock}-00-00-${String(file).padStart(8, '0')}.json`;
  const bytes = plan.gzip > 0 ? await gzipAsync(lines, { level: plan.gzip }) : Buffer.from(lines);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, plan.gzip > 0 ? `${name}.gz` : name), bytes);
  return bytes.length;
}

/** Counts calls, errors and sessions for each operation while they are made. */
function makeCount(calls) {
  const sessions = countSessions(calls);
  const operations = listOperations().map((operation) => ({
    ...operation,
    seen: new Uint8Array(sessions),
    calls: 0,
    errors: 0,
  }));
  return {
    add({ operation, session, fails }) {
      const row = operations[operation];
      row.seen[session] = 1;
      row.calls += 1;
      row.errors += fails ? 1 : 0;
    },
    answer: () =>
      operations
        .filter((row) => row.calls > 0)
        .map(toAnswerRow)
        .sort(compareRows)
        .slice(0, 20),
  };
}

function toAnswerRow({ service, operation, seen, calls, errors }) {
  return { service, operation, number_of_sessions: seen.reduce((sum, one) => sum + one, 0), calls, errors };
}

function compareRows(a, b) {
  return (
    b.number_of_sessions - a.number_of_sessions ||
    b.calls - a.calls ||
    compareText(a.service, b.service) ||
    compareText(a.operation, b.operation)
  );
}

function compareText(a, b) {
  return a < b ? -1 : Number(a > b);
}
