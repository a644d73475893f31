// npm run bench: what awsusage costs beside what one would use instead, as ratios within one run of one machine.
import { spawnSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT } from './ask-awsusage.js';
import { FULL, QUICK } from './bench-sizes.js';
import { ensureData } from './make-data.js';
import { say } from './measure-rows.js';
import { describeRow, printTable } from './print-table.js';
import { askPlainFiles, askSmallFiles, askTrailFiles } from './rows/first-question.js';
import { askSmallObjects, askTrailObjects } from './rows/first-question-s3.js';
import { measureMemory, measureMergingMemory } from './rows/memory.js';
import { mergePlainFiles, mergeSmallFiles } from './rows/merging.js';
import { askFilesAgain, askManyCallsAgain, askObjectsAgain } from './rows/second-question.js';
import { measureReport } from './rows/report.js';
import { measureStartUp } from './rows/start-up.js';
import { askDayOfBucket, askDayOfYear } from './rows/window.js';
import { openBuckets } from './serve-bucket.js';

const USAGE = `npm run bench -- [--quick] [--large] [--only a,b,…] [--runs N] [--data DIR]
  --quick  small sizes and one run, to see that everything runs; nothing is judged
  --large  rows of 20 M calls too, which take many minutes and 3 GB
  --only   some of the rows:
           a  first question, many calls in plain files, against hand-written DuckDB and chDB
           b  first question, small gzipped files, against the same
           c  --help, and a question of a few files, against bare node
           d  peak memory with --memory 512MB
           e  first question, small gzipped objects from an S3 server, against s5cmd's copy alone, chDB, and one GetObject
              of the SDK for each; and peak memory
           f  merging the files of b, against a bare COPY of hand-written DuckDB
           g  merging the files of a, against the same; then top-operations over the table, against the source
           h  peak memory of merging at the sizes of d, all processes together
           i  first question, CloudTrail files, against hand-written DuckDB, trailscraper and chDB
           j  first question, CloudTrail objects from an S3 server, against s5cmd's copy alone and chDB
           k  second question over the files of b, against bare node; and with 1 % of them new
           l  second question over the objects of e, against s5cmd's copy; and with 1 % of them new
           m  one day of a year of hourly files, against the year
           n  second question over 20 M calls (--large), against hand-written DuckDB over one Parquet file
           o  one day of a year of hourly objects from an S3 server, against the year
           p  a report of a month, held against the month before, against its questions asked one by one of the month
  --runs   measured rounds for each row, after one to warm up (default 3; five times as many for c)
  --data   where the generated files are kept (default .bench/)
npm run bench:peers installs the peers from PyPI; a row whose peer is missing says so.`;

const MEASURES = {
  a: askPlainFiles,
  b: askSmallFiles,
  i: askTrailFiles,
  e: askSmallObjects,
  j: askTrailObjects,
  k: askFilesAgain,
  l: askObjectsAgain,
  n: askManyCallsAgain,
  m: askDayOfYear,
  o: askDayOfBucket,
  p: measureReport,
  c: measureStartUp,
  d: measureMemory,
  f: mergeSmallFiles,
  g: mergePlainFiles,
  h: measureMergingMemory,
};

await main();

async function main() {
  const options = readOptions();
  if (options === undefined) return;
  build();
  await mkdir(options.data, { recursive: true });
  const rows = [];
  try {
    for (const name of options.only) {
      const measured = await MEASURES[name](options);
      for (const row of measured) say(`  ${describeRow(row, { quick: options.isQuick })}`);
      rows.push(...measured);
    }
  } finally {
    await options.buckets.stop();
  }
  printTable(rows, { quick: options.isQuick });
  if (rows.some(({ failure }) => failure !== undefined)) process.exitCode = 1;
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      large: { type: 'boolean', default: false },
      only: { type: 'string', default: Object.keys(MEASURES).join(',') },
      runs: { type: 'string' },
      data: { type: 'string', default: join(ROOT, '.bench') },
      help: { type: 'boolean', default: false },
    },
  });
  const only = values.only.split(',');
  const runs = Number(values.runs ?? (values.quick ? 1 : 3));
  const wrong = only.some((row) => !Object.hasOwn(MEASURES, row)) || !(runs >= 1);
  if (values.help || wrong) {
    console.log(USAGE);
    process.exitCode = wrong ? 2 : 0;
    return undefined;
  }
  return makeOptions(values, { only, runs });
}

function makeOptions({ quick, large, data: folder }, { only, runs }) {
  const sizes = quick ? QUICK : FULL;
  const data = resolve(folder);
  const dataFor = (plan) => ensureData(data, plan, say);
  return {
    only,
    runs,
    warmUp: !quick,
    isQuick: quick,
    isLarge: large || quick,
    sizes,
    data,
    dataFor,
    dataOf: (name) => dataFor(sizes[name]),
    buckets: openBuckets(say),
  };
}

function build() {
  const { status } = spawnSync(process.execPath, [join(ROOT, 'bin', 'build.js'), '--if-stale'], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
