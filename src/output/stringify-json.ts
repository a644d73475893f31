import { breakMarks, hasOnlyPlainAscii, replaceUnsafe } from './sanitize.js';

/**
 * Any plain value as JSON text, as `JSON.stringify` gives it, with two differences: a bigint is written with all its
 * digits, and what is unsafe to show or to log (see `sanitizeForTerminal`) is written as `\uXXXX`, which reads back as the same
 * text.
 * `indent` is the number of spaces of each level; 0 gives one line.
 */
export function stringifyJson(value: unknown, indent = 0): string {
  return write(value, { indent, margin: indent === 0 ? '' : '\n' }) ?? 'null';
}

/** One text as a JSON string. */
export function quoteJson(text: string): string {
  return escapeInJson(JSON.stringify(text));
}

/** Valid JSON with what is unsafe escaped: in strings as `\uXXXX`, between tokens, where only white space is, as a space. */
export function escapeInJson(json: string): string {
  return breakMarks(hasOnlyPlainAscii(json) ? json : replaceUnsafe(json, jsonEscape), '\\u0023');
}

function jsonEscape(character: string): string {
  if (character === '\n' || character === '\r' || character === '\t') return ' ';
  return Array.from({ length: character.length }, (_, at) => hexEscape(character.charCodeAt(at))).join('');
}

function hexEscape(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, '0')}`;
}

interface Layout {
  readonly indent: number;
  /** What begins a line at this depth; empty when all is one line. */
  readonly margin: string;
}

/** Gives undefined for what JSON has no value for: undefined, functions, symbols. */
function write(value: unknown, layout: Layout): string | undefined {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'string') return quoteJson(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) as string | undefined;
  if ('toJSON' in value && typeof value.toJSON === 'function') return write(value.toJSON(), layout);
  const inner = { ...layout, margin: layout.margin === '' ? '' : layout.margin + ' '.repeat(layout.indent) };
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  const parts = Array.isArray(value) ? value.map((item) => write(item, inner) ?? 'null') : writeMembers(value, inner);
  if (parts.length === 0) return `${open}${close}`;
  return `${open}${inner.margin}${parts.join(`,${inner.margin}`)}${layout.margin}${close}`;
}

function writeMembers(value: object, layout: Layout): readonly string[] {
  const colon = layout.margin === '' ? ':' : ': ';
  return Object.entries(value).flatMap(([name, member]) => {
    const text = write(member, layout);
    return text === undefined ? [] : [`${quoteJson(name)}${colon}${text}`];
  });
}
