import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PEAK_RECORDER = fileURLToPath(new URL('record-peak-memory.cjs', import.meta.url));

/** A measured program that ended badly, with what it said. */
export class ProgramFailed extends Error {}

/** Runs `node …args` in `cwd` to its end and gives {ms, stdout}. */
export function runNode(args, where) {
  return runProgram([process.execPath, ...args], where);
}

/** Runs a program in `cwd` to its end and gives {ms, stdout}. */
export async function runProgram([program, ...args], { cwd, env = {} }) {
  const started = process.hrtime.bigint();
  const child = spawn(program, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr, ended] = await Promise.all([readAll(child.stdout), readAll(child.stderr), waitForEnd(child)]);
  const ms = Number(process.hrtime.bigint() - started) / 1e6;
  if (ended !== 0) throw new ProgramFailed(`${program} ${args.join(' ')} ended with ${ended}\n${stderr.trim()}`);
  return { ms, stdout };
}

/** Runs like `runNode` and gives {bytes, stdout}: the peak resident memory, summed over the program's Node processes. */
export async function runForPeakMemory(args, { cwd, env = {} }) {
  const folder = await mkdtemp(join(tmpdir(), 'awsusage-bench-'));
  try {
    const recorder = { NODE_OPTIONS: `--require ${JSON.stringify(PEAK_RECORDER)}`, AWSUSAGE_BENCH_PEAKS: folder };
    const { stdout } = await runNode(args, { cwd, env: { ...env, ...recorder } });
    const peaks = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name), 'utf8')));
    if (peaks.length === 0) throw new ProgramFailed('the program left no record of its peak memory');
    return { bytes: peaks.reduce((sum, peak) => sum + Number(peak), 0), stdout };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const SAMPLE_MS = 10;

/**
 * Runs like `runNode` and gives {bytes, stdout}: the sum of the peaks of resident memory of the program and all processes that
 * it starts, as the system counts them (Linux). The processes need not have peaked at once, so it is no less than the true peak.
 */
export async function runForPeakOfTree(args, { cwd, env = {} }) {
  const child = spawn(process.execPath, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const peaks = new Map();
  const timer = setInterval(() => samplePeaks(child.pid, peaks), SAMPLE_MS);
  const [stdout, stderr, ended] = await Promise.all([readAll(child.stdout), readAll(child.stderr), waitForEnd(child)]);
  clearInterval(timer);
  if (ended !== 0) throw new ProgramFailed(`node ${args.join(' ')} ended with ${ended}\n${stderr.trim()}`);
  return { bytes: [...peaks.values()].reduce((sum, peak) => sum + peak, 0), stdout };
}

/** A process that has ended since the last look keeps its last peak. */
function samplePeaks(pid, peaks) {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const [, kibibytes] = /^VmHWM:\s+(\d+)/m.exec(status) ?? [];
    if (kibibytes !== undefined) peaks.set(pid, Number(kibibytes) * 1024);
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
    for (const one of children) samplePeaks(Number(one), peaks);
  } catch (error) {
    if (!['ENOENT', 'ESRCH'].includes(error.code)) throw error;
  }
}

/** Runs two measurements as `compareAll` does and gives {ours, theirs: their milliseconds, ratio}. */
export async function comparePair(options, { ours, theirs }) {
  const [mine, other] = await compareAll(options, [ours, theirs]);
  return { ours: mine.ms, theirs: other.ms, ratio: other.ratio };
}

/**
 * Runs measurements in turns, once to warm up where that is wanted and then `runs` times, and gives for each {ms, ratio}: the
 * medians of its time and of the first one's time over its own in the same round.
 */
export async function compareAll({ runs, warmUp }, programs) {
  if (warmUp) for (const program of programs) await program();
  const rounds = [];
  for (let round = 0; round < runs; round += 1) {
    const times = new Array(programs.length);
    // Whoever goes second finds the files in memory and the processor warm: take turns.
    for (let turn = 0; turn < programs.length; turn += 1) {
      const index = (round + turn) % programs.length;
      times[index] = (await programs[index]()).ms;
    }
    rounds.push(times);
  }
  return programs.map((_, index) => ({
    ms: median(rounds.map((times) => times[index])),
    ratio: median(rounds.map((times) => times[0] / times[index])),
  }));
}

function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

async function readAll(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function waitForEnd(child) {
  return new Promise((resolve, reject) => {
    child.on('error', (error) => reject(new ProgramFailed(error.message)));
    child.on('close', (code, signal) => resolve(code ?? signal));
  });
}
