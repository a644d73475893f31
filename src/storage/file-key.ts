import { join } from 'node:path';

/**
 * The path of a key below a folder.
 * @throws Error for a key that would lead elsewhere, or to the file of another key
 */
export function pathOfKey(root: string, key: string): string {
  const parts = key.split('/');
  const isPath = parts.every((part) => part !== '' && part !== '.' && part !== '..');
  // A lone half of a surrogate pair has no bytes of its own.
  const isText = Buffer.from(key).toString() === key && !key.includes('\0');
  if (!isPath || !isText) throw new Error(`${JSON.stringify(key)} cannot be the key of a file`);
  return join(root, ...parts);
}
