// npm run bench: what awsusage costs beside a program written by hand, as ratios within one run of one machine.
import { spawnSync } from 'node:child_process';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureData } from './make-data.js';
import { compareCompaction, compareMerged, measureCompactionMemory } from './measure-compaction.js';
import { comparePair, ProgramFailed, runForPeakMemory, runNode } from './measure.js';
import { printTable } from './print-table.js';
import { serveBucket } from './serve-bucket.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const AWSUSAGE = join(ROOT, 'bin', 'run.js');
const PEER = fileURLToPath(new URL('peers/top-operations.js', import.meta.url));
const S3_PEER = fileURLToPath(new URL('peers/get-objects.js', import.meta.url));
const MEMORY_GOAL = 862e6;
const USAGE = `npm run bench -- [--quick] [--only a,b,…] [--runs N] [--data DIR]
  --quick  small sizes, to see that everything runs
  --only   some of the rows:
           a  many calls in plain files, against hand-written DuckDB
           b  small gzipped files, against hand-written DuckDB
           c  --help, against bare node
           d  peak memory at two sizes with --memory 512MB
           e  small gzipped objects from an S3 server, against one GetObject of the SDK for each, and peak memory
           f  merging the files of b, against a bare COPY of hand-written DuckDB
           g  merging the files of a, against the same; then top-operations over the table, against the source
           h  peak memory of merging at the sizes of d, all processes together
  --runs   measured pairs for each row (default 5; 3 for b, e, f and g, 15 for c)
  --data   where the generated files are kept (default .bench/)`;

const FULL = {
  a: { name: 'plain-2400x500', files: 2400, callsPerFile: 500, filesPerHour: 1 },
  b: { name: 'small-20000x20', files: 20_000, callsPerFile: 20, filesPerHour: 8 },
  d: [
    { name: 'twice-1000x1000', files: 1000, callsPerFile: 1000, filesPerHour: 4 },
    { name: 'twice-10000x1000', files: 10_000, callsPerFile: 1000, filesPerHour: 4 },
  ],
  e: { name: 'objects-5000x50', files: 5000, callsPerFile: 50, filesPerHour: 8 },
};
const QUICK = {
  a: { name: 'plain-240x500', files: 240, callsPerFile: 500, filesPerHour: 1 },
  b: { name: 'small-1000x20', files: 1000, callsPerFile: 20, filesPerHour: 8 },
  d: [
    { name: 'twice-100x1000', files: 100, callsPerFile: 1000, filesPerHour: 4 },
    { name: 'twice-500x1000', files: 500, callsPerFile: 1000, filesPerHour: 4 },
  ],
  e: { name: 'objects-500x50', files: 500, callsPerFile: 50, filesPerHour: 8 },
};
const PACKING = {
  a: { gzip: 0, withIds: false, twice: false },
  b: { gzip: 6, withIds: false, twice: false },
  d: { gzip: 1, withIds: true, twice: true },
  e: { gzip: 6, withIds: false, twice: false },
};

const MEASURES = {
  a: measurePlain,
  b: measureSmall,
  c: measureHelp,
  d: measureMemory,
  e: measureBucket,
  f: mergeSmall,
  g: mergePlain,
  h: mergeLarge,
};

await main();

async function main() {
  const options = readOptions();
  if (options === undefined) return;
  build();
  await mkdir(options.data, { recursive: true });
  const rows = [];
  for (const row of options.only) rows.push(...(await MEASURES[row](options)));
  printTable(rows, options);
  if (rows.some(({ failure }) => failure !== undefined)) process.exitCode = 1;
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', default: Object.keys(MEASURES).join(',') },
      runs: { type: 'string' },
      data: { type: 'string', default: join(ROOT, '.bench') },
      help: { type: 'boolean', default: false },
    },
  });
  const only = values.only.split(',');
  const runs = values.runs === undefined ? undefined : Number(values.runs);
  const wrong = only.some((row) => !(row in MEASURES)) || (runs !== undefined && !(runs >= 1));
  if (values.help || wrong) {
    console.log(USAGE);
    process.exitCode = wrong ? 2 : 0;
    return undefined;
  }
  return { only, runs, quick: values.quick, sizes: values.quick ? QUICK : FULL, data: resolve(values.data) };
}

function build() {
  const { status } = spawnSync(process.execPath, [join(ROOT, 'bin', 'build.js'), '--if-stale'], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

async function measurePlain(options) {
  const plan = { ...options.sizes.a, ...PACKING.a };
  return [await measureAgainstPeer(options, { row: 'a', plan, glob: '**/*.json', goal: 2, runs: 5 })];
}

async function measureSmall(options) {
  const plan = { ...options.sizes.b, ...PACKING.b };
  return [await measureAgainstPeer(options, { row: 'b', plan, glob: '**/*.json.gz', goal: 0.3, runs: 3 })];
}

async function measureAgainstPeer(options, { row, plan, glob, goal, runs }) {
  const data = await ensureData(options.data, plan, say);
  const kind = plan.gzip > 0 ? 'small .json.gz files' : 'plain files';
  const what = `${amount(data.calls)} calls, ${amount(plan.files)} ${kind} / read_json with columns`;
  return attempt({ row, what, goal: { atMost: goal } }, async () => {
    const measured = await comparePair(options.runs ?? runs, {
      ours: () => ask(data.path),
      theirs: () => runNode([PEER, join(data.path, glob)], { cwd: ROOT }),
    });
    checkAnswer(JSON.parse(measured.answers[0]).rows, data.answer, 'awsusage');
    checkAnswer(JSON.parse(measured.answers[1]), data.answer, 'the hand-written program');
    return measured;
  });
}

async function measureHelp(options) {
  const row = { row: 'c', what: 'awsusage --help / node -e 0', goal: { atMost: 3 } };
  const measure = () =>
    comparePair(options.runs ?? 15, {
      ours: () => runNode([AWSUSAGE, '--help'], { cwd: ROOT }),
      theirs: () => runNode(['-e', '0'], { cwd: ROOT }),
    });
  return [await attempt(row, measure)];
}

async function measureMemory(options) {
  const rows = [];
  for (const size of options.sizes.d) {
    const data = await ensureData(options.data, { ...size, ...PACKING.d }, say);
    const what = `peak memory, ${amount(data.calls)} calls and a tenth again, --memory 512MB`;
    rows.push(
      await attempt({ row: 'd', what, goal: { atMostBytes: MEMORY_GOAL } }, async () => {
        const { bytes, stdout } = await runForPeakMemory(askArguments(data.path, ['--memory', '512MB']), {
          cwd: data.path,
        });
        const { rows: answer, accounting } = JSON.parse(stdout);
        checkAnswer(answer, data.answer, 'awsusage');
        checkAnswer(
          { kept: accounting.records.kept, duplicate: accounting.records.duplicate },
          { kept: data.calls, duplicate: data.delivered - data.calls },
          'the accounting of awsusage',
        );
        return { bytes };
      }),
    );
  }
  return rows;
}

async function measureBucket(options) {
  const plan = { ...options.sizes.e, ...PACKING.e };
  const data = await ensureData(options.data, plan, say);
  const what = `${amount(data.calls)} calls, ${amount(plan.files)} .json.gz objects of S3 / an SDK GetObject for each`;
  const time = { row: 'e', what, goal: { atMost: 1.2 } };
  const memory = { row: 'e', what: 'peak memory of that, --memory 512MB', goal: { atMostBytes: MEMORY_GOAL } };
  const filling = { what: `filling a bucket of versitygw with ${plan.name}` };
  const opened = await attempt(filling, async () => ({ bucket: await serveBucket(data.path) }));
  if (opened.failure !== undefined) return [time, memory].map((row) => ({ ...row, failure: opened.failure }));
  try {
    return [
      await attempt(time, () => compareGets(options, data, opened.bucket)),
      await attempt(memory, () => measureBucketMemory(data, opened.bucket)),
    ];
  } finally {
    await opened.bucket.stop();
  }
}

async function compareGets(options, data, { source, env }) {
  const measured = await comparePair(options.runs ?? 3, {
    ours: () => runNode(askArguments(source, []), { cwd: data.path, env }),
    theirs: () => runNode([S3_PEER, source], { cwd: ROOT, env }),
  });
  checkAnswer(JSON.parse(measured.answers[0]).rows, data.answer, 'awsusage');
  checkAnswer(
    JSON.parse(measured.answers[1]),
    { objects: options.sizes.e.files, bytes: data.bytes, calls: data.calls },
    'the SDK',
  );
  return measured;
}

async function measureBucketMemory(data, { source, env }) {
  const { bytes, stdout } = await runForPeakMemory(askArguments(source, ['--memory', '512MB']), {
    cwd: data.path,
    env,
  });
  checkAnswer(JSON.parse(stdout).rows, data.answer, 'awsusage');
  return { bytes };
}

async function mergeSmall(options) {
  const plan = { ...options.sizes.b, ...PACKING.b };
  const data = await ensureData(options.data, plan, say);
  const what = `merging ${amount(data.calls)} calls, ${amount(plan.files)} small .json.gz files / COPY to one file`;
  return [await attempt({ row: 'f', what, goal: { atMost: 0.6 } }, () => merge(options, data, '**/*.json.gz'))];
}

async function mergePlain(options) {
  const plan = { ...options.sizes.a, ...PACKING.a };
  const data = await ensureData(options.data, plan, say);
  const what = `merging ${amount(data.calls)} calls, ${amount(plan.files)} plain files / COPY to one file`;
  const rows = [await attempt({ row: 'g', what, goal: { atMost: 2 } }, () => merge(options, data, '**/*.json'))];
  const daily = { row: 'g', what: `${what}; a file a day against one file` };
  rows.push(await attempt(daily, () => merge(options, data, '**/*.json', 'day')));
  const asked = await attempt({ row: 'g', what: 'top-operations over the table / over its source' }, () =>
    compareMerged(data, { runs: options.runs ?? 3, partitionBy: 'day', ask }),
  );
  const { share = 0 } = asked;
  return [...rows, { ...asked, what: `${asked.what}; its bytes are ${(100 * share).toFixed(1)} % of the source's` }];
}

/** To one file, as the program that it is compared with does, where nothing else is asked for. */
function merge(options, data, glob, partitionBy = 'none') {
  return compareCompaction(data, { glob, runs: options.runs ?? 3, partitionBy });
}

async function mergeLarge(options) {
  const rows = [];
  for (const size of options.sizes.d) {
    const data = await ensureData(options.data, { ...size, ...PACKING.d }, say);
    const what = `peak memory, merging ${amount(data.delivered)} records, --memory 512MB`;
    const row = { row: 'h', what, goal: { atMostBytes: MEMORY_GOAL } };
    rows.push(await attempt(row, () => measureCompactionMemory(data, 'day')));
  }
  return rows;
}

function ask(path) {
  return runNode(askArguments(path, []), { cwd: path });
}

function askArguments(path, more) {
  return [AWSUSAGE, 'query', 'top-operations', path, '--json', '--quiet', ...more];
}

function checkAnswer(got, expected, who) {
  if (isDeepStrictEqual(got, expected)) return;
  throw new ProgramFailed(
    `${who} gave another answer than the generator counted:\n${preview(got)}\n${preview(expected)}`,
  );
}

function preview(value) {
  return JSON.stringify(value)?.slice(0, 400);
}

async function attempt(row, measure) {
  say(row.what);
  try {
    return { ...row, ...(await measure()) };
  } catch (error) {
    if (!(error instanceof ProgramFailed || error instanceof SyntaxError || error instanceof TypeError)) throw error;
    return { ...row, failure: error.message };
  }
}

function amount(number) {
  return number.toLocaleString('en');
}

function say(text) {
  process.stderr.write(`${text}\n`);
}
