import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { checkAnswer } from './check-answer.js';
import { runForPeakMemory, runNode } from './measure.js';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** Younger objects are not kept. */
const MIN_AGE_MS = 2500;

export const AWSUSAGE = join(ROOT, 'bin', 'run.js');

/**
 * Asks `top-operations` of a source as one who never asked before: nothing that awsusage may keep is there. `question`:
 * {source, answer: what it has to be, or nothing where that is not known, env, more: arguments}.
 */
export async function askFirst(options, question) {
  return withCache(options, (folder) => run(question, cacheIn(folder, 'off')));
}

/** Makes a place for what awsusage keeps, for as long as `work` takes, so that all that is asked with it is asked of one user. */
export async function withCache({ data }, work) {
  await mkdir(data, { recursive: true });
  const cache = await mkdtemp(join(data, 'cache-'));
  try {
    return await work(cache);
  } finally {
    await rm(cache, { recursive: true, force: true });
  }
}

/** Asks as one who keeps in `cache` what awsusage kept there before. */
export async function ask(question, cache) {
  return run(question, cacheIn(cache, 'on'));
}

/** Brings a source into the cache, objects that are just written too, and waits until nothing fills it any more. */
export async function fillCache({ source, env }, cache) {
  await setTimeout(MIN_AGE_MS);
  while (await isFilling(cache)) await setTimeout(50);
  await runNode([AWSUSAGE, 'cache', 'fill', source, '--quiet'], {
    cwd: cache,
    env: { ...env, ...cacheIn(cache, 'on') },
  });
}

async function isFilling(cache) {
  const names = await readdir(cache, { recursive: true });
  return names.some((name) => name.endsWith('filling.json'));
}

/** What is filled behind an answer would be measured with what comes next: first questions go without. */
function cacheIn(folder, state) {
  return { XDG_CACHE_HOME: folder, AWSUSAGE_CACHE: state };
}

async function run({ source, answer, env, more = [] }, cacheEnv) {
  const ran = await runNode(askArguments(source, more), { cwd: cacheEnv.XDG_CACHE_HOME, env: { ...env, ...cacheEnv } });
  const { rows, accounting } = JSON.parse(ran.stdout);
  if (answer !== undefined) checkAnswer(rows, answer, 'awsusage');
  return { ...ran, rows, accounting };
}

/** The peak memory of a first question, as {bytes, rows, accounting}. */
export async function askForPeakMemory(options, { source, answer, env, more = [] }) {
  return withCache(options, async (cache) => {
    const where = { cwd: cache, env: { ...env, ...cacheIn(cache, 'off') } };
    const { bytes, stdout } = await runForPeakMemory(askArguments(source, more), where);
    const { rows, accounting } = JSON.parse(stdout);
    checkAnswer(rows, answer, 'awsusage');
    return { bytes, rows, accounting };
  });
}

function askArguments(source, more) {
  return [AWSUSAGE, 'query', 'top-operations', source, '--json', '--quiet', ...more];
}
