import { askFirst, askForPeakMemory } from '../ask-awsusage.js';
import { chdbPeer, nodePeer, s5cmdPeer } from '../ask-peers.js';
import { amount, attempt, measureAgainst, measureRow } from '../measure-rows.js';

const MEMORY_GOAL = { atMostBytes: 862e6 };

/** Small objects of an S3 server, and what memory they take. */
export async function askSmallObjects(options) {
  const data = await options.dataOf('small');
  const { answer, bytes } = data;
  const objects = data.plan.files;
  const what = `first question, ${amount(objects)} small .json.gz objects of S3`;
  const opened = await attempt(() => options.buckets.bucketOf(data));
  if (opened.failure !== undefined) return [{ row: 'e', what, failure: opened.failure }];
  const { source, env } = opened.value;
  const counted = { objects, bytes, calls: data.calls };
  const rows = await measureAgainst(options, {
    row: 'e',
    what,
    ours: () => askFirst(options, { source, answer, env }),
    peers: [
      s5cmdPeer(options, { goal: { atMost: 0.6 }, source, env, objects, bytes }),
      chdbPeer({
        name: 'chDB s3()',
        goal: { atMost: 0.5 },
        args: ['top_operations.py', `${source}**.json.gz`],
        answer,
        env,
      }),
      nodePeer({
        name: 'an SDK GetObject for each',
        goal: { atMost: 0.3 },
        args: ['get-objects.js', source],
        answer: counted,
        env,
      }),
    ],
  });
  const memory = { row: 'e', what: 'peak memory of that, --memory 512MB', goal: MEMORY_GOAL };
  const question = { source, answer, env, more: ['--memory', '512MB'] };
  return [
    ...rows,
    await measureRow(memory, async () => ({ bytes: (await askForPeakMemory(options, question)).bytes })),
  ];
}

/** A trail in a bucket. */
export async function askTrailObjects(options) {
  const data = await options.dataOf('trail');
  const { answer, bytes } = data;
  const objects = data.plan.files;
  const what = `first question, ${amount(objects)} CloudTrail objects of S3`;
  const opened = await attempt(() => options.buckets.bucketOf(data));
  if (opened.failure !== undefined) return [{ row: 'j', what, failure: opened.failure }];
  const { source, env } = opened.value;
  const args = ['top_operations_trail.py', `${source}**.json.gz`];
  return measureAgainst(options, {
    row: 'j',
    what,
    ours: () => askFirst(options, { source, answer, env }),
    peers: [
      s5cmdPeer(options, { goal: { atMost: 0.9 }, source, env, objects, bytes }),
      chdbPeer({ name: 'chDB s3()', goal: { atMost: 0.7 }, args, answer, env }),
    ],
  });
}
