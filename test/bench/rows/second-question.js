import { cp, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ask, fillCache, ROOT, withCache } from '../ask-awsusage.js';
import { nodePeer, s5cmdPeer } from '../ask-peers.js';
import { answerOf, writeFiles } from '../make-data.js';
import { amount, attempt, measureAgainst, measureRow } from '../measure-rows.js';
import { comparePair, runNode } from '../measure.js';

/** The second question over small files that did not change, and over a hundredth more of them. */
export async function askFilesAgain(options) {
  const data = await options.dataOf('small');
  const question = { source: data.path, answer: data.answer };
  const bare = { name: 'node -e 0', goal: { atMost: 7 }, run: () => runNode(['-e', '0'], { cwd: ROOT }) };
  const what = `second question, ${amount(data.plan.files)} small .json.gz files`;
  const unchanged = await askAgain(options, { row: 'k', what, question, peers: [bare] });
  return [...unchanged, await compareGrowing(options, { row: 'k', what, data, place: (copy) => ({ source: copy }) })];
}

/** The same of a bucket. */
export async function askObjectsAgain(options) {
  const data = await options.dataOf('small');
  const { answer, bytes } = data;
  const objects = data.plan.files;
  const what = `second question, ${amount(objects)} small .json.gz objects of S3`;
  const opened = await attempt(() => options.buckets.bucketOf(data));
  if (opened.failure !== undefined) return [{ row: 'l', what, failure: opened.failure }];
  const { source, env } = opened.value;
  const copied = s5cmdPeer(options, { goal: { atMost: 0.15 }, source, env, objects, bytes });
  const rows = await askAgain(options, { row: 'l', what, question: { source, answer, env }, peers: [copied] });
  const plan = { ...data.plan, name: `${data.plan.name}-growing` };
  const place = (path) => options.buckets.bucketOf({ path, plan });
  return [...rows, await compareGrowing(options, { row: 'l', what, data, place })];
}

/** The second question over many calls, against the best that can be had of one Parquet file of the same rows. */
export async function askManyCallsAgain(options) {
  const what = 'second question, 20 M calls in 20,000 files';
  if (!options.isLarge) return [{ row: 'n', what, goal: { atMost: 3 }, note: 'left out: --large measures it' }];
  const data = await options.dataOf('large');
  const { answer } = data;
  const parquet = join(options.data, `${data.plan.name}.parquet`);
  const made = await attempt(() => makeParquet(data, parquet));
  if (made.failure !== undefined) return [{ row: 'n', what, failure: made.failure }];
  const args = ['top-operations-parquet.js', parquet];
  const peer = nodePeer({ name: 'DuckDB, one Parquet file', goal: { atMost: 3 }, args, answer });
  return askAgain(options, {
    row: 'n',
    what: `second question, ${amount(data.calls)} calls in ${amount(data.plan.files)} files`,
    question: { source: data.path, answer },
    peers: [peer],
  });
}

function makeParquet(data, parquet) {
  const script = join(ROOT, 'test/bench/peers/copy-parquet.js');
  return runNode([script, join(data.path, '**/*.json.gz'), parquet], { cwd: ROOT });
}

/** What awsusage keeps of a source behind the first answer is not measured. */
function askAgain(options, { row, what, question, peers }) {
  return withCache(options, async (cache) => {
    const settled = await attempt(() => fillCache(question, cache));
    if (settled.failure !== undefined) return [{ row, what, failure: settled.failure }];
    return measureAgainst(options, { row, what, ours: () => ask(question, cache), peers });
  });
}

/** A hundredth of the files comes anew before each measured question, and nothing before each that it is compared with. */
async function compareGrowing(options, { row, what, data, place }) {
  const described = { row, what: `${what}, 1 % new / nothing new`, goal: { atMost: 1.5 } };
  const copy = await mkdtemp(join(options.data, 'growing-'));
  try {
    return await measureRow(described, () =>
      withCache(options, async (cache) => {
        await cp(data.path, copy, { recursive: true });
        const { source, env, add } = await place(copy);
        const count = Math.ceil(data.plan.files / 100);
        let files = data.plan.files;
        const askNow = () => ask({ source, env, answer: answerOf(data.plan, { first: 0, end: files }) }, cache);
        await fillCache({ source, env }, cache);
        const askForNew = async () => {
          const keys = await writeFiles(copy, data.plan, { first: files, count });
          await add?.(copy, keys);
          files += count;
          const asked = await askNow();
          await fillCache({ source, env }, cache);
          return asked;
        };
        return comparePair(options, { ours: askForNew, theirs: askNow });
      }),
    );
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}
