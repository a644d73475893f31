import type { Logger } from '@smithy/types';

/**
 * For the SDK, which writes to the console what nobody else takes. There is no `info`: with it the SDK goes through every answer
 * to leave out of it what may not be logged, which for a list is a good part of the time of reading it.
 */
export const SILENT_LOGGER = { trace: ignore, debug: ignore, warn: ignore, error: ignore } as Logger;

function ignore(): void {
  return undefined;
}
