import { askFirst, AWSUSAGE, ROOT } from '../ask-awsusage.js';
import { measureAgainst } from '../measure-rows.js';
import { runNode } from '../measure.js';

/** More runs than others: they are short. */
const TIMES = 5;

/** What it costs to start, beside bare Node. */
export async function measureStartUp(options) {
  const data = await options.dataOf('few');
  const often = { ...options, runs: options.isQuick ? options.runs : options.runs * TIMES };
  const bare = (goal) => ({
    name: 'node -e 0',
    goal: { atMost: goal },
    run: () => runNode(['-e', '0'], { cwd: ROOT }),
  });
  const help = await measureAgainst(often, {
    row: 'c',
    what: 'awsusage --help',
    ours: () => runNode([AWSUSAGE, '--help'], { cwd: ROOT }),
    peers: [bare(2.2)],
  });
  const query = await measureAgainst(often, {
    row: 'c',
    what: `awsusage query, ${data.plan.files} files`,
    ours: () => askFirst(options, { source: data.path, answer: data.answer }),
    peers: [bare(4)],
  });
  return [...help, ...query];
}
