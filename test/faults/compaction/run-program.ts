import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as wait } from 'node:timers/promises';
import { ROOT } from '../../commands/run-awsusage.js';
import { AtOnce } from './at-once.js';

/** Something that happens to a program at one of its calls: see break-at-call.js. */
export interface CallRule {
  /** The number of the call, from 1 on; else the first of `call` and `path`. */
  readonly at?: number;
  readonly call?: string;
  /** A regular expression over the call and its path: `link .*c-00000001`. */
  readonly path?: string;
  readonly phase: 'before' | 'middle' | 'after';
  /** `gate`: it waits there until the gate is opened. */
  readonly what: 'kill' | 'stop' | 'gate';
  readonly gate?: string;
}

export interface RunOptions {
  /** A folder of the case: calls outside of it do not count. */
  readonly folder: string;
  readonly rules?: readonly CallRule[];
  /** Writes each call into a file. */
  readonly log?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Where the program is; the checkout unless given. */
  readonly program?: string;
  /** Before the program: `prlimit --fsize=…`. */
  readonly through?: readonly string[];
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

const PRELOAD = fileURLToPath(new URL('break-at-call.js', import.meta.url));
const processes = new AtOnce(Math.max(2, availableParallelism()));
/** No case takes as long, however busy the machine is. */
export const LIMIT_MS = 600_000;

/** Runs the program to its end, as soon as not too many others run. */
export function runProgram(args: readonly string[], options: RunOptions): Promise<Ended> {
  return processes.run(() => startProgram(args, options).ended);
}

/** Starts the program at once: for those that wait for each other. */
export function startProgram(args: readonly string[], options: RunOptions): Running {
  const { folder, rules, log, program = ROOT, through = [] } = options;
  const hooks = rules === undefined && log === undefined ? undefined : { within: folder, log, rules: rules ?? [] };
  const preload = hooks === undefined ? [] : ['--import', PRELOAD];
  const env = {
    PATH: process.env['PATH'],
    HOME: folder,
    AWSUSAGE_TMPDIR: join(folder, 'tmp'),
    AWSUSAGE_CACHE: 'off',
    AWSUSAGE_DEBUG: '1',
    ...(hooks === undefined ? {} : { AWSUSAGE_TEST_CALLS: JSON.stringify(hooks) }),
    ...options.env,
  };
  const [command, ...rest] = [...through, process.execPath, ...preload, join(program, 'bin/run.js'), ...args];
  const child = spawn(command ?? '', rest, {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: LIMIT_MS,
    killSignal: 'SIGKILL',
  });
  return { child, ended: collect(child) };
}

function collect(child: ChildProcess): Promise<Ended> {
  const texts = { stdout: '', stderr: '' };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (texts.stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (texts.stderr += text));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, ...texts }));
  });
}

/** Waits until a program has come to a gate. @throws Error when it ends before */
export async function reached(gate: string, { ended }: Running): Promise<void> {
  let end: Ended | undefined;
  void ended.then((one) => (end = one));
  while (!existsSync(`${gate}.reached`)) {
    if (end !== undefined) throw new Error(`it ended before it came to ${gate}: ${end.stderr}`);
    await wait(5);
  }
}

export function openGate(gate: string): void {
  writeFileSync(`${gate}.open`, '');
}
