/** Inclusive code point ranges, written down from the Unicode charts, that must never reach a reader as they are. */
const RANGES: readonly (readonly [number, number])[] = [
  [0x00, 0x1f],
  [0x7f, 0x9f],
  [0xad, 0xad],
  [0x34f, 0x34f],
  [0x61c, 0x61c],
  [0x115f, 0x1160],
  [0x180b, 0x180f],
  [0x200b, 0x200f],
  [0x2028, 0x202e],
  [0x2060, 0x206f],
  [0x3164, 0x3164],
  [0xd800, 0xdfff],
  [0xfe00, 0xfe0e],
  [0xfeff, 0xfeff],
  [0xfff0, 0xfffb],
  [0xfffe, 0xffff],
  [0xe0000, 0xe0fff],
];

export function isDangerous(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  return RANGES.some(([first, last]) => code >= first && code <= last);
}

/** The dangerous characters of a text as hexadecimal numbers, `except` left out. */
export function dangerIn(text: string, except = ''): readonly string[] {
  return [...text]
    .filter((character) => !except.includes(character) && isDangerous(character))
    .map((character) => (character.codePointAt(0) ?? 0).toString(16));
}

/** What a person is to see instead. */
export function visible(text: string, except = ''): string {
  const characters = [...text].map((character) =>
    isDangerous(character) && !except.includes(character) ? escapeOf(character) : character,
  );
  return characters.join('').split('\n').map(breakCommands).join('\n');
}

/** What a CI service takes for a command has a character in it that it does not know. */
function breakCommands(line: string): string {
  const start = line.length - line.trimStart().length;
  const isCommand = /^::[a-z-]+(::| )/i.test(line.slice(start));
  const shown = isCommand ? `${line.slice(0, start)}\\x3a${line.slice(start + 1)}` : line;
  return shown
    .split(/(?<=#)(?=#(?:\[|vso\[|teamcity\[))/)
    .map((part, index) => (index > 0 ? part.replace('#', '\\x23') : part))
    .join('');
}

function escapeOf(character: string): string {
  const at = '\t\n\r'.indexOf(character);
  if (at >= 0) return ['\\t', '\\n', '\\r'][at] ?? '';
  const hex = (character.codePointAt(0) ?? 0).toString(16);
  if (hex.length <= 2) return `\\x${hex.padStart(2, '0')}`;
  return hex.length <= 4 ? `\\u${hex.padStart(4, '0')}` : `\\u{${hex}}`;
}
