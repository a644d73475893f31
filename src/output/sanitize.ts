/**
 * Makes data safe to show on a terminal: the single point where values, column names, keys, file names and quoted error
 * messages become terminal text. Whatever a terminal or an eye could take for something else is shown as a visible escape
 * (`\n`, `\x1b`, `\u202e`, `\u{e0001}`); the result is one line. Anchors: CWE-150, CVE-2009-4487, CVE-2021-25743. So is what
 * a CI service would take for a command (see `disarmCommands`).
 */
export function sanitizeForTerminal(text: string): string {
  return disarmCommands(replaceUnsafe(text, visibleEscape));
}

/** The same for a message of our own that has several lines: line feeds stay. Data in it is better sanitised by itself first. */
export function sanitizeLines(text: string): string {
  const shown = replaceUnsafe(text, (character) => (character === '\n' ? character : visibleEscape(character)));
  return disarmCommands(shown);
}

/**
 * Breaks what the services that run CI look for in a log to obey it, with a visible escape: `::set-output name=x::` at the
 * start of a line, as GitHub has it, and `##[set-output name=x]`, `##vso[…]`, `##teamcity[…]` anywhere in it, as GitHub,
 * Azure Pipelines and TeamCity have it (actions/runner, src/Runner.Common/ActionCommand.cs).
 */
export function disarmCommands(text: string): string {
  if (!text.includes('::') && !text.includes('##')) return text;
  return breakMarks(text.replace(LINE_COMMAND, '$1\\x3a'), '\\x23');
}

/** The part of `disarmCommands` for marks within a line; `escape` is written for their second `#`. */
export function breakMarks(text: string, escape: string): string {
  return text.includes('##') ? text.replace(MARK, `#${escape}`) : text;
}

/** A colon alone is no harm: `::1` and `::ffff:10.0.0.1` are addresses. The runner passes over any white space before it. */
const LINE_COMMAND = /^([^\S\n]*):(?=:[a-z-]+(?:\s|::|$))/gim;

const MARK = /##(?=[a-z]*\[)/gi;

/** Replaces each character that is unsafe to show. `escape` takes one code point, which may be a lone surrogate. */
export function replaceUnsafe(text: string, escape: (character: string) => string): string {
  return hasOnlyPlainAscii(text) ? text : text.replace(UNSAFE, escape);
}

/** True when every character is printable ASCII: nothing to replace, and each is one column wide. */
export function hasOnlyPlainAscii(text: string): boolean {
  return !OTHER_THAN_PLAIN_ASCII.test(text);
}

const OTHER_THAN_PLAIN_ASCII = /[^\x20-\x7e]/;

/**
 * C0, DEL, C1; formats (bidi controls, zero-width, interlinear, tags); lone surrogates; line and paragraph separators;
 * everything else that Unicode says may be ignored when shown; noncharacters. Only an emoji keeps its variation selector.
 */
const UNSAFE =
  /(?<!\p{Extended_Pictographic})\ufe0f|(?!\ufe0f)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]/gu;

const SHORT_ESCAPES = new Map([
  ['\t', '\\t'],
  ['\n', '\\n'],
  ['\r', '\\r'],
]);

function visibleEscape(character: string): string {
  const short = SHORT_ESCAPES.get(character);
  if (short !== undefined) return short;
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  if (code <= 0xff) return `\\x${hex.padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\u{${hex}}`;
}
