import { mkdtemp, rm, stat } from 'node:fs/promises';
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { comparePair, ProgramFailed, runForPeakOfTree, runNode } from './measure.js';
import { AWSUSAGE } from './ask-awsusage.js';

const PEER = fileURLToPath(new URL('peers/copy-parquet.js', import.meta.url));

/**
 * Merging everything below `data.path`, every check included, against a bare `COPY` of DuckDB to one file. Both write into
 * new folders beside the data.
 */
export async function compareCompaction(data, { glob, options, partitionBy }) {
  return inFolder(data, async (folder) => {
    let run = 0;
    const more = ['--partition-by', partitionBy];
    return comparePair(options, {
      async ours() {
        const table = join(folder, `ours-${++run}`);
        const ran = await runNode(compactArguments(data, table, more), { cwd: folder });
        checkRows(rowsOf(ran.stdout), data.delivered, 'awsusage');
        return ran;
      },
      async theirs() {
        const target = join(folder, `theirs-${++run}.parquet`);
        const ran = await runNode([PEER, join(data.path, glob), target], { cwd: folder });
        checkRows(JSON.parse(ran.stdout).rows, data.delivered, 'the hand-written program');
        return ran;
      },
    });
  });
}

/** The peak memory of a merge, over all its processes. */
export async function measureCompactionMemory(data, partitionBy) {
  return inFolder(data, async (folder) => {
    const more = ['--partition-by', partitionBy, '--memory', '512MB'];
    const { bytes, stdout } = await runForPeakOfTree(compactArguments(data, join(folder, 'table'), more), {
      cwd: folder,
    });
    checkRows(rowsOf(stdout), data.delivered, 'awsusage');
    return { bytes };
  });
}

/** The same question over the merged table and over its source, and how large the table is beside the source. */
export async function compareMerged(data, { options, partitionBy, ask }) {
  return inFolder(data, async (folder) => {
    const table = join(folder, 'table');
    await runNode(compactArguments(data, table, ['--partition-by', partitionBy]), { cwd: folder });
    const measured = await comparePair(options, { ours: () => ask(table), theirs: () => ask(data.path) });
    return { ...measured, share: (await sizeOf(table)) / data.bytes };
  });
}

function compactArguments({ path }, table, more) {
  return [AWSUSAGE, 'compact', path, '--to', table, '--min-age', '0', '--min-files', '1', '--json', '--quiet', ...more];
}

async function inFolder({ path }, work) {
  const folder = await mkdtemp(join(dirname(path), 'merged-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function rowsOf(stdout) {
  return JSON.parse(stdout).records.rows;
}

function checkRows(got, expected, who) {
  if (got !== expected) throw new ProgramFailed(`${who} stored ${got} rows of ${expected}`);
}

async function sizeOf(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const sizes = await Promise.all(entries.map(({ parentPath, name }) => stat(join(parentPath, name))));
  return sizes.reduce((sum, { size }) => sum + size, 0);
}
