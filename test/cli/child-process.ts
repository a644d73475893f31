import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly child: ChildProcess;
  /** Resolves with the text so far when stdout holds `text`; rejects when the process ends without it. */
  saw(text: string): Promise<string>;
  readonly ended: Promise<Ended>;
}

/** Starts a program with its output collected. */
export function start(command: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): Started {
  return collected(spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] }));
}

/** Starts a program as the leader of a process group of its own, as a shell does; `process.kill(-pid, …)` signals the group. */
export function startGroup(command: string, args: readonly string[]): Started {
  return collected(spawn(command, args, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] }));
}

function collected(child: ChildProcessByStdio<null, Readable, Readable>): Started {
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, ...output }));
  });
  return { child, ended, saw: async (text) => waitFor(text, { child, output, ended }) };
}

async function waitFor(
  text: string,
  { child, output, ended }: { child: ChildProcess; output: { stdout: string }; ended: Promise<Ended> },
): Promise<string> {
  const appeared = new Promise<string>((resolve) => {
    const look = (): void => {
      if (output.stdout.includes(text)) resolve(output.stdout);
    };
    child.stdout?.on('data', look);
    look();
  });
  const tooSoon = ended.then((end) => {
    if (end.stdout.includes(text)) return end.stdout;
    throw new Error(`ended without "${text}": ${JSON.stringify(end)}`);
  });
  return Promise.race([appeared, tooSoon]);
}
