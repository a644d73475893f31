import picomatch from 'picomatch';
import type { ListedEntry, ObjectStore } from './object-store.js';

/** A glob cut into the folder that is walked and the pattern that keys in it are held against. */
export interface Glob {
  /** The part without glob characters, unescaped; empty for the working folder. */
  readonly base: string;
  readonly pattern: string;
}

/** Parentheses alone are common in file names and make no glob. */
const SCAN_OPTIONS = { nonegate: true, noparen: true };
/** Hidden files match, and names may hold line feeds. */
const MATCH_OPTIONS = { nonegate: true, dot: true, flags: 's' };

/** Cuts a text that has glob characters (`*`, `?`, `[…]`, `{…}`, `@(…)`); undefined for one that has none. */
export function readGlob(text: string): Glob | undefined {
  const { base, glob, isGlob } = picomatch.scan(text, SCAN_OPTIONS);
  if (!isGlob) return undefined;
  return { base: base.replace(/\\(.)/gs, '$1'), pattern: glob.replace(/\/{2,}/g, '/').replace(/\/$/, '') };
}

/**
 * The objects of a store whose keys match a pattern, or that are in a folder which matches it, as when a shell hands that
 * folder over. Folders that cannot match are not looked into.
 * @param name how the result is shown to people
 */
export function globStore(store: ObjectStore, pattern: string, name: string): ObjectStore {
  const isMatch = picomatch(pattern, MATCH_OPTIONS);
  const matches = (key: string): boolean => ancestors(key).some((path) => isMatch(path));
  const mayMatchBelow = prefixMatcher(pattern);
  return {
    ...store,
    name,
    list: async function* (judge) {
      const entries = store.list((prefix) => (matches(prefix) || mayMatchBelow(prefix) ? judge(prefix) : 'outside'));
      for await (const entry of entries) if (isFolder(entry) || matches(keyOf(entry))) yield entry;
    },
  };
}

/** `a/b/c` → `a`, `a/b`, `a/b/c`. */
function ancestors(key: string): readonly string[] {
  const path = key.endsWith('/') ? key.slice(0, -1) : key;
  const parts = path.split('/');
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

/** Holds the folders of a prefix against the parts of the pattern, as far as these stand for one folder each. */
function prefixMatcher(pattern: string): (prefix: string) => boolean {
  // A slash within braces, parentheses or brackets does not end a part.
  if (/[{([][^})\]]*\//.test(pattern)) return () => true;
  const parts = pattern.split('/');
  const deep = parts.findIndex((part) => part.includes('**'));
  const fixed = parts.slice(0, deep === -1 ? parts.length : deep).map((part) => picomatch(part, MATCH_OPTIONS));
  return (prefix) => {
    const folders = prefix.slice(0, -1).split('/');
    if (deep === -1 && folders.length >= parts.length) return false;
    return fixed.every((isMatch, index) => folders[index] === undefined || isMatch(folders[index]));
  };
}

/** A folder is reported only when it was looked into and could not be read: what it holds may match. */
function isFolder(entry: ListedEntry): boolean {
  return keyOf(entry).endsWith('/');
}

function keyOf(entry: ListedEntry): string {
  return entry.kind === 'object' ? entry.object.key : entry.entry.key;
}
