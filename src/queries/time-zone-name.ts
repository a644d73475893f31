const OFFSET = /^[+-](?:0\d|1[0-4]):[0-5]\d$/;

/**
 * The time zone as an engine is to get it: an IANA name (`Europe/Berlin`; letter case does not matter) or an offset
 * (`+02:00`; `Z` is UTC). Gives undefined for anything else.
 */
export function timeZoneName(given: string): string | undefined {
  if (OFFSET.test(given)) return given;
  if (given.toUpperCase() === 'Z' || given.toUpperCase() === 'UTC') return 'UTC';
  // Letters only: Intl takes offsets in forms that engines do not know.
  if (!/^[A-Za-z]/.test(given)) return undefined;
  try {
    const known = new Intl.DateTimeFormat('en-US', { timeZone: given }).resolvedOptions().timeZone;
    // Intl gives an old name for some (Asia/Calcutta); the name that the user wrote is as good.
    return known.toLowerCase() === given.toLowerCase() ? known : given;
  } catch {
    return undefined;
  }
}
