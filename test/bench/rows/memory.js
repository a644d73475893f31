import { askForPeakMemory } from '../ask-awsusage.js';
import { checkAnswer } from '../check-answer.js';
import { measureCompactionMemory } from '../measure-compaction.js';
import { amount, measureRow } from '../measure-rows.js';

/** 512 MB and 350 MB besides. */
const MEMORY_GOAL = { atMostBytes: 862e6 };
const LARGE = { what: 'peak memory, 20 M calls and a tenth again, --memory 512MB', goal: MEMORY_GOAL };

/** The peak memory of a question that has to find duplicates. */
export async function measureMemory(options) {
  return measureEach(options, 'd', async (data) => {
    const what = `peak memory, ${amount(data.calls)} calls and a tenth again, --memory 512MB`;
    return measureRow({ row: 'd', what, goal: MEMORY_GOAL }, async () => {
      const question = { source: data.path, answer: data.answer, more: ['--memory', '512MB'] };
      const { bytes, accounting } = await askForPeakMemory(options, question);
      checkAnswer(
        { kept: accounting.records.kept, duplicate: accounting.records.duplicate },
        { kept: data.calls, duplicate: data.delivered - data.calls },
        'the accounting of awsusage',
      );
      return { bytes };
    });
  });
}

/** The peak memory of merging the same, all processes together. */
export async function measureMergingMemory(options) {
  return measureEach(options, 'h', async (data) => {
    const what = `peak memory, merging ${amount(data.delivered)} records, --memory 512MB`;
    return measureRow({ row: 'h', what, goal: MEMORY_GOAL }, () => measureCompactionMemory(data, 'day'));
  });
}

async function measureEach(options, row, measure) {
  const rows = [];
  for (const plan of options.sizes.memory) rows.push(await measure(await options.dataFor(plan)));
  if (options.isLarge) rows.push(await measure(await options.dataOf('largeMemory')));
  else rows.push({ row, ...LARGE, note: 'left out: --large measures it' });
  return rows;
}
