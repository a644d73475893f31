import { describeCall, hourText, writeCall } from './make-calls.js';

/** How many files later a file's calls are delivered again. */
const DELIVERED_AGAIN_AFTER = 37;
const DELIVERED_AGAIN_EVERY = 10;

/**
 * A file of recorded calls, one a line, below the partition of its hour: {key, text, calls: what is new in it, delivered}.
 * `plan`: {files, callsPerFile, filesPerHour, gzip, withIds, twice: a tenth of the calls is delivered twice}.
 */
export function makeCallFile(plan, file) {
  const hour = Math.floor(file / plan.filesPerHour);
  const first = file * plan.callsPerFile;
  const calls = Array.from({ length: plan.callsPerFile }, (_, index) => describeCall(first + index));
  const texts = calls.map((call, index) => writeCall(first + index, call, { hour, withId: plan.withIds }));
  if (plan.twice) texts.push(...callsDeliveredAgain(plan, file));
  return { key: keyOf(plan, file, hour), text: texts.join(''), calls, delivered: texts.length };
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

function keyOf(plan, file, hour) {
  const [year, month, day, clock] = hourText(hour).split(/[-T]/);
  const folder = `json-data/year=${year}/month=${month}/day=${day}/hour=${clock}`;
  const name = `aws-calls-1-${year}-${month}-${day}-${clock}-00-00-${String(file).padStart(8, '0')}.json`;
  return `${folder}/${plan.gzip > 0 ? `${name}.gz` : name}`;
}
