import { type ChildProcess, fork } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { UserError } from '../errors.js';
import type { DuckDBOptions } from '../engines/duckdb.js';
import type { Engine } from '../engines/engine.js';
import { EngineCrash } from '../engines/engine-crash.js';
import type { EnginePort, EngineReply, EngineRequest } from '../engines/engine-messages.js';
import { RemoteEngine } from '../engines/remote-engine.js';
import { packageFile } from '../package-file.js';

/** A process in which one engine can be opened. */
export interface ForkedEngine {
  /**
   * Opens the engine. DuckDB's options are those of `openDuckDB`, but it spills into `<spillFolder>-<process id>`, which is
   * removed when the process has ended. To be called once.
   * @throws UserError where no process can be started
   */
  open(options: DuckDBOptions): Promise<Engine>;
  /** Ends the process at once, whatever it is doing; the engine's own `close` does the same. Once more does nothing. */
  close(): void;
}

/**
 * Beside DuckDB's memory, which `memoryLimit` bounds, the process only passes rows on. The heap has to hold all of the answer
 * to `rows`; a small nursery keeps chunks of rows from piling up before they are collected.
 */
const NODE_FLAGS = ['--max-old-space-size=256', '--max-semi-space-size=2'];

/** DuckDB has its own threads; this pool only waits for them, and statements come one at a time. */
const POOL_THREADS = '4';

/**
 * What is freed goes back to the system: one large statement after the other would leave a hundred megabytes in fragments.
 * glibc's own words, see mallopt(3); other systems take no notice of them.
 */
const MEMORY_SETTINGS = { MALLOC_ARENA_MAX: '2', MALLOC_TRIM_THRESHOLD_: '65536' };

/** How much of the process's last words is kept. */
const KEPT_CHARACTERS = 2000;

/**
 * Starts a process for an engine and gives a handle at once: its start takes a third of a second, in which other work can be
 * done. A crash of the process, by DuckDB or by the system, rejects what was under way and all later calls with an
 * `EngineCrash`; the caller goes on with a new process. The process ends with this one, also where this one is killed, and
 * leaves Ctrl-C, SIGTERM and SIGHUP to it. As long as it is not closed, it keeps this process from ending by itself.
 * @throws UserError where no process can be started
 */
export function forkEngine(): ForkedEngine {
  const child = startProcess();
  const end = (): void => void child.kill('SIGKILL');
  // Before the run's folder is removed: a process that still spills would put files back.
  process.prependOnceListener('exit', end);
  const engine = new RemoteEngine(portOf(child), end);
  const ended = watchEnd(child, (reason) => engine.fail(reason));
  void ended.then(() => process.off('exit', end));
  return {
    async open(options) {
      const spillFolder = `${options.spillFolder}-${String(child.pid)}`;
      void ended.then(() => rm(spillFolder, { recursive: true, force: true }).catch(() => undefined));
      await engine.open({ ...options, spillFolder });
      return engine;
    },
    close: () => engine.close(),
  };
}

/** Some failures are thrown, others come as an event. */
function startProcess(): ChildProcess {
  try {
    return fork(fileURLToPath(packageFile('dist/cli/engine-process.js')), [], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      execArgv: NODE_FLAGS,
      env: childEnvironment(process.env),
    });
  } catch (error) {
    throw cannotStart(error);
  }
}

/** The process needs no credentials. */
function childEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => !name.startsWith('AWS_'));
  return { ...MEMORY_SETTINGS, ...Object.fromEntries(kept), UV_THREADPOOL_SIZE: POOL_THREADS };
}

function portOf(child: ChildProcess): EnginePort<EngineRequest, EngineReply> {
  return {
    // Where there is no process, or none any more, the event that says so rejects all that waits.
    send(request) {
      if (child.connected) child.send(request, () => undefined);
    },
    listen: (listener) => child.on('message', (reply) => listener(reply as EngineReply)),
  };
}

/** Resolves when the process is gone, or could not be started; says why before. */
async function watchEnd(child: ChildProcess, tell: (reason: Error) => void): Promise<void> {
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-KEPT_CHARACTERS)));
  return new Promise((resolve) => {
    child.on('error', (error) => {
      if (child.pid !== undefined) return;
      tell(cannotStart(error));
      resolve();
    });
    child.on('close', (exitCode, signal) => {
      tell(new EngineCrash({ signal, exitCode, said }));
      resolve();
    });
  });
}

function cannotStart(error: unknown): UserError {
  const reason = error instanceof Error ? error.message : String(error);
  return new UserError(`Cannot start a process for the engine: ${reason}`, {
    wayOut: 'The system may be short of processes or memory. Try again when less is running.',
    cause: error,
  });
}
