import { UserError } from '../errors.js';

/** The keys and indexes that lead from a document to a field. An index is the text of its digits. */
export type JsonPath = readonly string[];

/**
 * Reads a path as people write it: `Bucket`, `Tagging.TagSet[0].Key`, `["a.b"].c`; `$.` before it may be left out. In
 * `["…"]` a backslash keeps the character behind it as it is.
 * @throws UserError that shows the place where the path goes wrong
 */
export function parseJsonPath(text: string): JsonPath {
  const rest = text.trim().replace(/^\$(?=[.[])\.?/, '');
  const part = /\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|([^.[\]"]+)/sy;
  const path: string[] = [];
  let at = 0;
  while (at < rest.length || path.length === 0) {
    const dotted = path.length > 0 && rest[at] === '.';
    part.lastIndex = dotted ? at + 1 : at;
    const [, quoted, index, plain] = part.exec(rest) ?? [];
    const joined = path.length === 0 || dotted === (plain !== undefined);
    if (!joined || (quoted ?? index ?? plain) === undefined) throw unreadablePath(text, rest.slice(at));
    path.push(quoted?.replace(/\\(.)/gs, '$1') ?? index ?? plain ?? '');
    at = part.lastIndex;
  }
  return path;
}

/** Cuts `Bucket,Key` into its paths; a comma inside `["…"]` does not separate. */
export function splitPaths(text: string): readonly string[] {
  const parts = text.match(/(?:\["(?:[^"\\]|\\.)*"\]|[^,])+/gs) ?? [];
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

/** The path as people write it, so that reading it again gives the same path. */
export function renderJsonPath(path: JsonPath): string {
  return path
    .map((key, index) => {
      if (key === '' || /[.[\]",\\]|^\$|^\s|\s$/.test(key)) return `["${key.replace(/[\\"]/g, '\\$&')}"]`;
      return index === 0 ? key : `.${key}`;
    })
    .join('');
}

/** The path as a JSON Pointer (RFC 6901), which DuckDB's JSON functions take and which can name any key. */
export function toJsonPointer(path: JsonPath): string {
  return path.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** The path that a JSON Pointer names. */
export function fromJsonPointer(pointer: string): JsonPath {
  return pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function unreadablePath(text: string, rest: string): UserError {
  const place = rest === '' ? 'it is empty' : `not understood from ${JSON.stringify(rest)} on`;
  return new UserError(`The JSON path ${JSON.stringify(text)} cannot be read: ${place}`, {
    wayOut: 'Write it as Bucket, Tagging.TagSet[0].Key or ["a key with . in it"].Key',
  });
}
