/** Neighbouring keys below a prefix. */
export interface KeyRange {
  readonly prefix: string;
  /** The key before its first. */
  readonly after?: string;
  /** The folder before its first key; what is in that folder is not in the range. */
  readonly behind?: string;
  /** Its last key, or its last folder with all that is in it; where absent, it ends with the prefix. */
  readonly upTo?: string;
  /** Not all folders of it are wanted: they are to be asked for before any key. */
  readonly foldersFirst?: boolean;
}

/** The last of the characters that keys are usually made of; a key behind it is merely listed in vain. */
const LAST_CHARACTER = '~';

/** The key that a listing of the range is to start after. */
export function startOf({ after, behind }: KeyRange): string | undefined {
  return behind === undefined ? after : behind + LAST_CHARACTER;
}

/** Whether a key that a listing of the range gave lies before it. */
export function isBefore(key: string, { behind }: KeyRange): boolean {
  return behind !== undefined && key.startsWith(behind);
}

/** Whether a key or a folder lies past the range. */
export function isPast(name: string, { upTo }: KeyRange): boolean {
  if (upTo === undefined || (upTo.endsWith('/') && name.startsWith(upTo))) return false;
  return compareKeys(name, upTo) > 0;
}

/** The folder right below the prefix that a key lies in; undefined for a key of the prefix itself. */
export function folderBelow(prefix: string, key: string): string | undefined {
  const slash = key.indexOf('/', prefix.length);
  return slash === -1 ? undefined : key.slice(0, slash + 1);
}

/** The innermost folder that a key lies in; empty for a key of the bucket itself. */
export function folderOf(key: string): string {
  return key.slice(0, key.lastIndexOf('/') + 1);
}

/** Compares keys by their bytes (UTF-8), as listings are ordered; JavaScript compares UTF-16. */
export function compareKeys(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
