/** Regular expressions (RE2) for the parts of JSON text that itself lies `depth` JSON strings deep. */
export interface JsonTextLevel {
  readonly quote: string;
  readonly backslash: string;
  /** One character of a string that is neither quote nor backslash, or its escape by a level further out. */
  readonly plain: string;
  readonly blank: string;
}

const OUTERMOST: JsonTextLevel = {
  quote: '"',
  backslash: String.raw`\\`,
  plain: String.raw`[^"\\]`,
  blank: String.raw`\s`,
};

/** Any `\uXXXX` but the quote (0022) and the backslash (005c); RE2 has no look-ahead to say so shorter. */
const OTHER_UNICODE =
  'u(?:[1-9a-f][0-9a-f]{3}|0[1-9a-f][0-9a-f]{2}|00(?:[013467-9a-f][0-9a-f]|2[013-9a-f]|5[0-9abdef]))';

/** The level for JSON text that is `depth` strings deep: 0 is the text itself, 1 is JSON in a JSON string. Case-insensitive. */
export function jsonTextLevel(depth: number): JsonTextLevel {
  if (depth === 0) return OUTERMOST;
  const outer = jsonTextLevel(depth - 1);
  return {
    quote: `(?:${outer.backslash}(?:${outer.quote}|u0022))`,
    backslash: `(?:${outer.backslash}(?:${outer.backslash}|u005c))`,
    plain: `(?:${outer.plain}|${outer.backslash}(?:[bfnrt/]|${OTHER_UNICODE}))`,
    blank: `(?:${outer.blank}|${outer.backslash}(?:[nrt]|u00(?:09|0a|0d|20)))`,
  };
}

/** A string with its quotes; one that the text's end cuts short counts, too. */
export function stringPattern({ quote, backslash, plain }: JsonTextLevel): string {
  const any = `(?:${plain}|${backslash}|${quote})`;
  return `${quote}(?:${plain}|${backslash}${any})*(?:${quote}|$)`;
}

/** An array or object that holds arrays and objects at most `nesting` deep. */
export function containerPattern(level: JsonTextLevel, nesting: number): string {
  const inner = nesting === 0 ? '' : `|${containerPattern(level, nesting - 1)}`;
  const between = String.raw`[^"\\\[\]{}]|${level.blank}`;
  return String.raw`[\[{](?:${stringPattern(level)}|${between}${inner})*[\]}]`;
}
