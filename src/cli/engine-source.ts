import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Engine } from '../engines/engine.js';
import { forkEngine, type ForkedEngine } from './fork-engine.js';
import { LEAST_BYTES } from './memory-limit.js';
import type { RunResources } from './run-resources.js';

/** What the engine's process takes before its engine does anything. */
const PROCESS_BYTES = 130_000_000;

/**
 * Gives the engine of a run, in a process of its own, which starts at once, while other things are done; after a crash there
 * is a new one.
 * @param memoryLimit of the process and its engine, in bytes
 */
export function engineSource(memoryLimit: number, resources: RunResources): () => Promise<Engine> {
  const start = (): ForkedEngine => {
    const forked = forkEngine();
    resources.hold(forked);
    return forked;
  };
  let waiting: ForkedEngine | undefined = start();
  let current: Engine | undefined;
  return async () => {
    if (current !== undefined && (await isAlive(current))) return current;
    const forked = waiting ?? start();
    waiting = undefined;
    const spillFolder = join((await resources.folder()).path, 'spill');
    const left = Math.max(LEAST_BYTES, memoryLimit - PROCESS_BYTES);
    current = await forked.open({ spillFolder, memoryLimit: left, threads: availableParallelism() });
    return current;
  };
}

async function isAlive(engine: Engine): Promise<boolean> {
  return engine.rows('SELECT 1').then(
    () => true,
    () => false,
  );
}
