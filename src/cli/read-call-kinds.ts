import { checkRules } from '../calls/check-rules.js';
import type { DimensionName } from '../calls/call-dimensions.js';
import type { CallKind } from '../calls/call-kind.js';
import { callKindsQuestion, readCallKind } from '../calls/call-kinds-query.js';
import { parseNormalRules } from '../calls/parse-normal-rules.js';
import { askSource, type SourceAnswers, type SourceRequest } from './ask-source.js';

export interface KindsReading extends Omit<SourceRequest, 'prepare'> {
  readonly by: readonly DimensionName[];
  /** Whether errors, times and examples are wanted, too. */
  readonly isMeasured: boolean;
}

export interface ReadKinds extends Omit<SourceAnswers, 'answers'> {
  /** In the order of their values. */
  readonly kinds: readonly CallKind[];
}

/**
 * Reads the sources and gives the kinds of calls in them.
 * @returns undefined where nothing was asked (`--dry-run`), or the run was interrupted
 * @throws UserError for everything that the user can mend
 */
export async function readCallKinds(request: KindsReading): Promise<ReadKinds | undefined> {
  const { by, isMeasured } = request;
  const read = await askSource({
    ...request,
    prepare: async ({ engine, config }) => {
      const rules = parseNormalRules(config?.snapshots, config?.path);
      await checkRules(engine, rules);
      return [callKindsQuestion({ by, rules, isMeasured })];
    },
  });
  if (read === undefined) return undefined;
  const [rows = []] = read.answers;
  return { ...read, kinds: rows.map((row) => readCallKind(row, { by, isMeasured })) };
}
