import { askFirst } from '../ask-awsusage.js';
import { compareCompaction, compareMerged } from '../measure-compaction.js';
import { amount, measureRow } from '../measure-rows.js';

/** Merging small files to one, against a bare COPY. */
export async function mergeSmallFiles(options) {
  const data = await options.dataOf('small');
  const what = `merging ${amount(data.calls)} calls, ${amount(data.plan.files)} small .json.gz files / COPY to one file`;
  return [await measureRow({ row: 'f', what, goal: { atMost: 0.6 } }, () => merge(options, data, '**/*.json.gz'))];
}

/** Merging plain files, to one as the program does that it is compared with, then to one a day; and asking what was merged. */
export async function mergePlainFiles(options) {
  const data = await options.dataOf('plain');
  const what = `merging ${amount(data.calls)} calls, ${amount(data.plan.files)} plain files / COPY to one file`;
  const rows = [await measureRow({ row: 'g', what, goal: { atMost: 2 } }, () => merge(options, data, '**/*.json'))];
  const daily = { row: 'g', what: `${what}; a file a day against one file` };
  rows.push(await measureRow(daily, () => merge(options, data, '**/*.json', 'day')));
  const ask = (source) => askFirst(options, { source, answer: data.answer });
  const asked = await measureRow({ row: 'g', what: 'top-operations over the table / over its source' }, () =>
    compareMerged(data, { options, partitionBy: 'day', ask }),
  );
  const { share = 0 } = asked;
  return [...rows, { ...asked, what: `${asked.what}; its bytes are ${(100 * share).toFixed(1)} % of the source's` }];
}

function merge(options, data, glob, partitionBy = 'none') {
  return compareCompaction(data, { glob, options, partitionBy });
}
