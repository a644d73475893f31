import { type ChildProcess, spawn } from 'node:child_process';
import { chownSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';
import { requireDocumentedShape } from './documented-shape.js';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
export const RUN_JS = join(ROOT, 'bin/run.js');
/** Captured calls of our own making, laid out by Hive partitions: 494 records, 16 of them delivered twice. */
export const BUCKET = 'fixtures/example-bucket';

/** More at once would only wait for each other. */
const AT_ONCE = 3;

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** What the run left in the folder for temporary files. */
  readonly left: readonly string[];
}

export interface RunOptions {
  /** The working folder; else the checkout, so that `fixtures/…` can be given as a source. */
  readonly cwd?: string;
  /** Added to an environment of nothing but `PATH`, `HOME`, `AWSUSAGE_TMPDIR` and a cache that is off; undefined takes one away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Standard input; else it is at its end. `open`: it never ends. */
  readonly input?: string | Buffer | { readonly open: true };
  /** Runs as somebody else; only root may. */
  readonly uid?: number;
}

const waiting: (() => void)[] = [];
let running = 0;

/** Runs the program as its users do, to its end. What it prints with `--json` has to be documented. */
export async function awsusage(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  if (running >= AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
  running += 1;
  try {
    const end = await startAwsusage(args, options).ended;
    requireDocumentedShape(args, end.stdout);
    return end;
  } finally {
    running -= 1;
    waiting.shift()?.();
  }
}

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** The run's own folder for temporary files, once there is one. */
  runFolder(): string | undefined;
}

/** Starts the program and leaves it running. */
export function startAwsusage(args: readonly string[], options: RunOptions = {}): Started {
  return startProgram(process.execPath, [RUN_JS, ...args], options);
}

/** Starts any program with the program's surroundings: a shell, for one. */
export function startProgram(command: string, args: readonly string[], options: RunOptions = {}): Started {
  const temporary = newFolder();
  const own = { HOME: temporary, AWSUSAGE_TMPDIR: temporary, AWSUSAGE_CACHE: 'off' };
  const env = { PATH: process.env['PATH'], ...own, ...options.env };
  const { cwd = ROOT, input = '', uid } = options;
  if (uid !== undefined) chownSync(temporary, uid, uid);
  const identity = uid === undefined ? {} : { uid, gid: uid };
  const child = spawn(command, args, { cwd, env, ...identity, stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.on('error', () => undefined);
  if (typeof input === 'string' || Buffer.isBuffer(input)) child.stdin.end(input);
  const runs = (): string[] => listRuns(options.env?.['AWSUSAGE_TMPDIR'] ?? temporary, uid ?? process.getuid?.());
  const ended = collect(child).then((end) => ({ ...end, left: runs() }));
  return { child, ended, runFolder: () => runs()[0] };
}

function collect(child: ChildProcess): Promise<Omit<Ended, 'left'>> {
  const output: Record<'stdout' | 'stderr', Buffer[]> = { stdout: [], stderr: [] };
  child.stdout?.on('data', (chunk: Buffer) => output.stdout.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => output.stderr.push(chunk));
  const text = (of: Buffer[]): string => Buffer.concat(of).toString('utf8');
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout: text(output.stdout), stderr: text(output.stderr) }));
  });
}

function listRuns(temporary: string, uid: number | undefined): string[] {
  const own = join(temporary, `awsusage-${String(uid)}`);
  try {
    return readdirSync(own).map((name) => join(own, name));
  } catch {
    return [];
  }
}

const folders: string[] = [];

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A folder, removed after the file's tests, with files of the given contents: `{'a/b.json': '{}'}`. */
export function newFolder(files: Readonly<Record<string, string | Buffer>> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'awsusage-test-'));
  folders.push(folder);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}
