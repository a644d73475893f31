import { join } from 'node:path';
import { askFirst } from '../ask-awsusage.js';
import { chdbPeer, nodePeer, trailscraperPeer } from '../ask-peers.js';
import { amount, measureAgainst } from '../measure-rows.js';

/** Many calls in plain files. */
export async function askPlainFiles(options) {
  const data = await options.dataOf('plain');
  const what = `first question, ${amount(data.calls)} calls in ${amount(data.plan.files)} plain files`;
  return askCalls(options, { row: 'a', what, data, glob: '**/*.json', goals: { duckdb: 1.5, chdb: 1 } });
}

/** Small gzipped files. */
export async function askSmallFiles(options) {
  const data = await options.dataOf('small');
  const what = `first question, ${amount(data.calls)} calls in ${amount(data.plan.files)} small .json.gz files`;
  return askCalls(options, { row: 'b', what, data, glob: '**/*.json.gz', goals: { duckdb: 0.2, chdb: 0.6 } });
}

/** A trail as CloudTrail delivers it. */
export async function askTrailFiles(options) {
  const data = await options.dataOf('trail');
  const { answer } = data;
  const files = join(data.path, '**/*.json.gz');
  return measureAgainst(options, {
    row: 'i',
    what: `first question, ${amount(data.delivered)} records in ${amount(data.plan.files)} CloudTrail files`,
    ours: () => askFirst(options, { source: data.path, answer }),
    peers: [
      nodePeer({
        name: 'DuckDB, unnest(Records)',
        goal: { atMost: 0.2 },
        args: ['top-operations-trail.js', files],
        answer,
      }),
      trailscraperPeer({ goal: { atMost: 0.25 }, data }),
      chdbPeer({ name: 'chDB', goal: { atMost: 0.8 }, args: ['top_operations_trail.py', files], answer }),
    ],
  });
}

function askCalls(options, { row, what, data, glob, goals }) {
  const { answer } = data;
  const files = join(data.path, glob);
  return measureAgainst(options, {
    row,
    what,
    ours: () => askFirst(options, { source: data.path, answer }),
    peers: [
      nodePeer({
        name: 'DuckDB, columns given',
        goal: { atMost: goals.duckdb },
        args: ['top-operations.js', files],
        answer,
      }),
      chdbPeer({ name: 'chDB', goal: { atMost: goals.chdb }, args: ['top_operations.py', files], answer }),
    ],
  });
}
