import type { CommandFlags } from './flags.js';
import { planReading, type MayBeMissing, type ReadingPlan } from './plan-reading.js';
import { printPlan } from './print-plan.js';
import { startEngine, type OpeningEngine } from './reading-run.js';
import type { RunResources } from './run-resources.js';

export interface ReadOrPlanRequest extends MayBeMissing {
  readonly sources: readonly string[];
  readonly flags: CommandFlags;
  readonly resources: RunResources;
}

/**
 * Lists the sources while an engine opens, and has what is listed read; with `--dry-run` it prints what would be read instead.
 * @throws UserError for everything that the user can mend
 */
export async function readOrPlan(
  { sources, flags, resources, mayBeEmpty = false }: ReadOrPlanRequest,
  read: (listed: ReadingPlan, opening: OpeningEngine) => Promise<void>,
): Promise<void> {
  const opening = flags['dry-run'] ? undefined : startEngine(flags, resources);
  const listed = await planReading(sources, flags, resources, { mayBeEmpty });
  if (opening !== undefined) return read(listed, opening);
  resources.progress.stop();
  await printPlan(listed, flags);
}
