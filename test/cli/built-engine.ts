import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { forkEngine } from '../../src/cli/fork-engine.js';
import type { EngineCrash } from '../../src/engines/engine-crash.js';
import type { SqlError } from '../../src/engines/engine.js';
import type { UserError } from '../../src/errors.js';
import { buildProgram } from '../build-program.js';

const MODULES = [
  'cli/fork-engine.ts',
  'cli/run-folder.ts',
  'engines/engine-crash.ts',
  'engines/engine.ts',
  'errors.ts',
];

/** Processes are started from a file that only the build makes, so what starts them has to be of the build, too. */
const DIST = pathToFileURL(`${buildProgram({ more: MODULES })}/dist/`);

/** The address of a built file. */
export function builtUrl(file: string): string {
  return new URL(file, DIST).href;
}

/** `forkEngine` as it is installed, and the classes of what it throws. */
export interface BuiltEngine {
  readonly forkEngine: typeof forkEngine;
  readonly EngineCrash: typeof EngineCrash;
  readonly SqlError: typeof SqlError;
  readonly UserError: typeof UserError;
}

export async function loadBuiltEngine(): Promise<BuiltEngine> {
  const files = MODULES.map((file) => file.replace(/\.ts$/, '.js'));
  const modules = await Promise.all(files.map(async (file) => (await import(builtUrl(file))) as object));
  return Object.assign({}, ...modules) as BuiltEngine;
}

/** The process ids of the engines that a process has started and that still run. */
export function engineProcesses(parent: number): readonly number[] {
  const entry = fileURLToPath(builtUrl('cli/engine-process.js'));
  return listProcesses()
    .filter(({ ppid, command }) => ppid === parent && command.endsWith(entry))
    .map(({ pid }) => pid);
}

/** Milliseconds until the process is gone, or nothing but its exit code is left of it. */
export async function goneAfter(pid: number): Promise<number> {
  const begun = Date.now();
  while (listProcesses().some((one) => one.pid === pid)) {
    if (Date.now() - begun > 10_000) throw new Error(`process ${String(pid)} does not end`);
    await sleep(20);
  }
  return Date.now() - begun;
}

function listProcesses(): { pid: number; ppid: number; command: string }[] {
  const lines = execFileSync('ps', ['-A', '-ww', '-o', 'pid=,ppid=,stat=,args='], { encoding: 'utf8' }).split('\n');
  return lines.flatMap((line) => {
    const [, pid, ppid, state, command = ''] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*\S)/.exec(line) ?? [];
    return pid === undefined || state?.startsWith('Z') ? [] : [{ pid: Number(pid), ppid: Number(ppid), command }];
  });
}
