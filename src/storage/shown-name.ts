import { isUtf8 } from 'node:buffer';

/** A file name of any bytes as text: bytes that are not UTF-8 are shown as `\xNN`. */
export function shownName(name: Buffer): string {
  if (isUtf8(name)) return name.toString('utf8');
  let shown = '';
  for (let at = 0; at < name.length;) {
    const character = characterAt(name, at);
    shown += character === undefined ? `\\x${name.toString('hex', at, at + 1)}` : character.toString('utf8');
    at += character?.length ?? 1;
  }
  return shown;
}

function characterAt(name: Buffer, at: number): Buffer | undefined {
  for (let length = 1; length <= 4 && at + length <= name.length; length += 1) {
    const bytes = name.subarray(at, at + length);
    if (isUtf8(bytes)) return bytes;
  }
  return undefined;
}
