import type { CallFilters } from '../dataset/filter-calls.js';
import { UserError } from '../errors.js';
import { parseDuration, parseWindowEdge, type TimeWindow } from '../layouts/time-window.js';
import { parseParameterValue } from '../queries/parse-parameter-value.js';
import type { SelectionFlags } from './flags.js';

const DEFAULT_LATENESS_MS = 24 * 60 * 60 * 1000;

export interface Selection {
  readonly filters: CallFilters;
  /** How much later than its calls an object may be stored, in milliseconds. */
  readonly latenessMs: number;
}

/**
 * Reads the window and the filters from the flags.
 * @param now epoch milliseconds that `7d` counts back from
 * @param configuredLateness what the configuration says of the sources; the flag wins
 * @throws UserError for a time or duration that cannot be read, or a window without any time in it
 */
export function readSelection(
  flags: SelectionFlags,
  now: number,
  configuredLateness: readonly string[] = [],
): Selection {
  const values = {
    ...filter('service', flags.service),
    ...filter('operation', flags.operation),
    ...filter('account_id', flags.account),
    ...filter('region', flags['region-name']),
    ...filter('principal', flags.principal),
  };
  const lateness = flags.lateness === undefined ? configuredLateness : [flags.lateness];
  return {
    filters: { window: readWindow(flags, now), values, errorsOnly: flags['errors-only'], where: flags.where ?? [] },
    latenessMs: lateness.length === 0 ? DEFAULT_LATENESS_MS : Math.max(...lateness.map(parseDuration)),
  };
}

function filter<K extends string>(
  column: K,
  values: readonly string[] | undefined,
): Partial<Record<K, readonly string[]>> {
  return values === undefined || values.length === 0 ? {} : ({ [column]: values } as Record<K, readonly string[]>);
}

function readWindow({ since, until, timezone }: SelectionFlags, now: number): TimeWindow {
  const options = timezone === undefined ? { now } : { now, timezone: readTimezone(timezone) };
  const window = {
    ...(since === undefined ? {} : { since: parseWindowEdge(since, options) }),
    ...(until === undefined ? {} : { until: parseWindowEdge(until, options) }),
  };
  if (window.since !== undefined && window.until !== undefined && window.since >= window.until) {
    throw new UserError(`The window is empty: --since ${since} is not before --until ${until}`, {
      wayOut: '--since is the first time that counts, --until the first that does not.',
    });
  }
  return window;
}

/** The name of a time zone. A question with a parameter of that name reads it too; for all others it is only the window’s. */
export function readTimezone(text: string): string {
  const parameter = { name: 'timezone', type: 'timezone', description: '', required: false, choices: [] } as const;
  return String(parseParameterValue(parameter, text));
}
