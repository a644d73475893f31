import { askFirst } from '../ask-awsusage.js';
import { checkAnswer } from '../check-answer.js';
import { answerOf } from '../make-data.js';
import { hourText } from '../make-calls.js';
import { amount, measureRow } from '../measure-rows.js';
import { compareAll } from '../measure.js';

const HOURS = 24;
/** Calls of an hour may lie in the object of the hour before. */
const MARGIN = 1;
/** What the clock of a busy machine may add. */
const TOLERANCE = 1.25;

/** The last day of a folder of hourly files, beside all of it. */
export async function askDayOfYear(options) {
  const data = await options.dataOf('year');
  const what = `the last day of ${amount(data.plan.files)} hourly files / all of them`;
  const placeOf = ({ path }) => ({ source: path });
  return [await compareDay(options, { row: 'm', what, data, placeOf })];
}

/** The same of a bucket. */
export async function askDayOfBucket(options) {
  const data = await options.dataOf('year');
  const what = `the last day of ${amount(data.plan.files)} hourly objects of S3 / all of them`;
  return [await compareDay(options, { row: 'o', what, data, placeOf: options.buckets.bucketOf })];
}

/**
 * What a day may take: as much as a few files do, which is the price of starting, and its share of what the year takes
 * besides. How many objects were listed and read is checked, so that listing too is in proportion.
 */
async function compareDay(options, { row, what, data, placeOf }) {
  const { files } = data.plan;
  const first = files - HOURS;
  const few = await options.dataOf('few');
  return measureRow({ row, what }, async () => {
    const { source, env } = await placeOf(data);
    const year = { source, env, answer: data.answer };
    const more = ['--since', `${hourText(first)}:00:00Z`];
    const day = { source, env, answer: answerOf(data.plan, { first, end: files }), more };
    const least = { ...(await placeOf(few)), answer: few.answer };
    const [ofDay, ofYear, ofFew] = await compareAll(options, [
      async () => checkRead(await askFirst(options, day), HOURS + MARGIN),
      async () => checkRead(await askFirst(options, year), files),
      () => askFirst(options, least),
    ]);
    const share = (HOURS + MARGIN) / files;
    const atMost = (TOLERANCE * (ofFew.ms + share * Math.max(0, ofYear.ms - ofFew.ms))) / ofYear.ms;
    return { goal: { atMost }, ours: ofDay.ms, theirs: ofYear.ms, ratio: ofYear.ratio };
  });
}

function checkRead(ran, expected) {
  const { read, listed } = ran.accounting.objects;
  checkAnswer({ read, listed }, { read: expected, listed: expected }, 'the accounting of awsusage');
  return ran;
}
