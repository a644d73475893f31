import { UserError } from '../errors.js';

/**
 * The failure of a destination or a ledger that cannot be read.
 * @param what the object's whole name
 */
export function cannotRead(what: string, reason: string, cause?: Error): UserError {
  return new UserError(`Cannot read what is merged already: ${what}: ${reason}`, {
    wayOut:
      'Nothing was merged or counted without it. Mend or restore it (a backup has to hold the .ledger folder, too).',
    exitCode: 'conflict',
    cause,
  });
}

/** @throws UserError in place of what `work` throws, with the name of the object */
export function explained<T>(what: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof Error ? cannotRead(what, error.message, error) : error;
  }
}

/** @throws UserError in place of what `work` throws, with the name of the object; a UserError stays as it is */
export async function explainedAsync<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof Error && !(error instanceof UserError) ? cannotRead(what, error.message, error) : error;
  }
}
