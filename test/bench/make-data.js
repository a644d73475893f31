import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { AnswerCount } from './count-answer.js';
import { makeCallFile } from './make-call-file.js';
import { makeTrailFile } from './make-trail-file.js';

const GENERATOR_VERSION = 2;
const IN_FLIGHT = 8;
const MAKERS = { calls: makeCallFile, trail: makeTrailFile };

const gzipAsync = promisify(gzip);

/**
 * Makes a folder of recorded calls below `folder`, or takes the one that an earlier run completed there.
 * `plan`: {name, kind, files, gzip: level or 0} and what the maker of the kind wants to know.
 * Gives {path, plan, bytes, calls, delivered, answer}, the answer being what `top-operations` has to say about it.
 */
export async function ensureData(folder, plan, say) {
  const path = join(folder, plan.name);
  const completed = await readCompleted(`${path}.json`, plan);
  if (completed !== undefined && existsSync(path)) return { path, plan, ...completed };
  say(`making ${plan.name}: ${plan.files} files`);
  await rm(path, { recursive: true, force: true });
  await rm(`${path}.json`, { force: true });
  const made = await makeFiles(path, plan);
  await writeFile(`${path}.json`, JSON.stringify({ version: GENERATOR_VERSION, plan, made }));
  return { path, plan, ...made };
}

/** What `top-operations` has to say about the files of a plan from `first` to before `end`, be they made or not. */
export function answerOf(plan, { first, end }) {
  const count = new AnswerCount();
  for (let file = first; file < end; file += 1) for (const call of MAKERS[plan.kind](plan, file).calls) count.add(call);
  return count.answer();
}

/** Writes files of a plan, those after its end too, below `path` and gives their keys. */
export async function writeFiles(path, plan, { first, count }) {
  const numbers = Array.from({ length: count }, (_, index) => first + index);
  return Promise.all(
    numbers.map(async (file) => {
      const made = MAKERS[plan.kind](plan, file);
      await writeObject(path, plan, made);
      return made.key;
    }),
  );
}

async function readCompleted(file, plan) {
  if (!existsSync(file)) return undefined;
  const { version, plan: earlier, made } = JSON.parse(await readFile(file, 'utf8'));
  const same = version === GENERATOR_VERSION && JSON.stringify(earlier) === JSON.stringify(plan);
  return same ? made : undefined;
}

async function makeFiles(path, plan) {
  const count = new AnswerCount();
  const total = { bytes: 0, calls: 0, delivered: 0 };
  const writing = new Set();
  for (let file = 0; file < plan.files; file += 1) {
    const made = MAKERS[plan.kind](plan, file);
    for (const call of made.calls) count.add(call);
    total.calls += made.calls.length;
    total.delivered += made.delivered;
    const job = writeObject(path, plan, made).then((bytes) => {
      total.bytes += bytes;
      writing.delete(job);
    });
    writing.add(job);
    if (writing.size >= IN_FLIGHT) await Promise.race(writing);
  }
  await Promise.all(writing);
  return { ...total, answer: count.answer() };
}

async function writeObject(path, plan, { key, text }) {
  const bytes = plan.gzip > 0 ? await gzipAsync(text, { level: plan.gzip }) : Buffer.from(text);
  const file = join(path, key);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, bytes);
  return bytes.length;
}
