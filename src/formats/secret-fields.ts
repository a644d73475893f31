import { containerPattern, jsonTextLevel, stringPattern } from './json-text-level.js';
import { sqlLiteral } from './sql-literal.js';

/** The fields whose values are secret, word by word: they count in camel, Pascal, kebab and snake case, whatever the case of letters. */
const AMZ_FIELDS = [
  'x amz signature',
  'x amz security token',
  'x amz server side encryption customer key',
  'x amz copy source server side encryption customer key',
];
const FIELDS = [
  'secret string',
  'secret binary',
  'session token',
  'secret access key',
  'password',
  'authorization',
  'sse customer key',
  'copy source sse customer key',
  ...AMZ_FIELDS,
];

const MARK = '***';
/** What stands for a text in which a secret cannot be cut out exactly: valid JSON, and readable as text. */
const WHOLE = sqlLiteral(`"${MARK}"`);

const AMZ_NAME = namePattern(AMZ_FIELDS);
const NAME = namePattern(FIELDS);

/** A letter, `-` or `_` written as a JSON escape: the only way to spell a field's name so that its text does not show it. */
const ESCAPED_LETTER = String.raw`\\u00(?:2d|4[1-9a-f]|5[0-9af]|6[1-9a-f]|7[0-9a])`;
const ESCAPED_NAME = String.raw`${ESCAPED_LETTER}[A-Za-z0-9_\\-]*["']?\s*(?:[:=]|%3D)`;

/** Quotes and blanks at any depth of JSON text in JSON text. */
const QUOTE = String.raw`(?:\\*["']|\\+u00(?:22|27))`;
const BLANKS = String.raw`(?:\s|\\+[nrt]|\\+u00(?:09|0a|0d|20))*`;
const KEY = `${QUOTE}${NAME}${QUOTE}${BLANKS}`;
const SAFE_MEMBER = String.raw`${KEY}:${BLANKS}(?:${QUOTE}\*\*\*${QUOTE}|null\b|none\b|$)`;
const MEMBER = String.raw`${KEY}(?::|\\+u003a)`;

const SCALAR = String.raw`-?(?:[0-9][\w.+-]*|infinity)|true|false|nan`;

const EQUALS = String.raw`(?:=|%3D|%253D|\\+u003d)`;
/** A value ends before the next parameter, blank or quote; `%26` is an `&` of a URL inside a URL. */
const PARAMETER_VALUE = String.raw`(?:[^&\s"'\\<>;%]|%(?:[013-9a-f][0-9a-f]|2[0-57-9a-f])|\\+/|\\+u00(?:2b|2f|3d))+`;

interface Replacement {
  readonly pattern: string;
  readonly by: string;
}

/**
 * SQL, true for a text that may hold the value of a secret field. Never false for a text that {@link redactedSql} would
 * change, and cheap: one pass of one regular expression.
 */
export function mayHoldSecretSql(expression: string): string {
  return matches(expression, `${NAME}|${ESCAPED_LETTER}`);
}

/**
 * SQL that gives a text (JSON or not) with the values of the secret fields replaced by `***`:
 * as members of JSON objects at any depth, also in JSON text inside JSON strings, and as parameters, headers and XML
 * elements inside any text. Names stay visible, null stays null. A text in which a value cannot be cut out exactly becomes
 * the JSON string `"***"`. A text without secrets comes back byte for byte.
 */
export function redactedSql(expression: string): string {
  const decoded = `CASE WHEN ${matches(expression, ESCAPED_NAME)} THEN TRY(CAST(json(${expression}) AS VARCHAR)) ELSE ${expression} END`;
  const chosen = `CASE WHEN ${holdsMember('r')} THEN ${WHOLE} WHEN r = d THEN ${expression} ELSE r END`;
  const redacted = STAGES.reduceRight((then, stage) => bound('r', stageSql(stage), then), chosen);
  const whole = `CASE WHEN d IS NULL OR ${matches('d', ESCAPED_NAME)} THEN ${WHOLE} ELSE ${bound('r', 'd', redacted)} END`;
  return `CASE WHEN ${mayHoldSecretSql(expression)} THEN ${bound('d', decoded, whole)} ELSE ${expression} END`;
}

/** Gives a value a name for the expression `then`, so that it is computed once. */
function bound(name: string, value: string, then: string): string {
  return `list_transform([${value}], lambda ${name}: ${then})[1]`;
}

/** Over `r`, the text so far, and `d`, the text before the first stage. */
function stageSql({ needs, replacements }: Stage): string {
  const replaced = replacements.reduce(
    (sql, { pattern, by }) => `system.main.regexp_replace(${sql}, ${sqlLiteral(pattern)}, ${sqlLiteral(by)}, 'gi')`,
    'r',
  );
  return needs === undefined ? replaced : `CASE WHEN ${matches('d', needs)} THEN ${replaced} ELSE r END`;
}

/** Whether a secret field is left whose value is not the mark. */
function holdsMember(expression: string): string {
  const rest = `system.main.regexp_replace(${expression}, ${sqlLiteral(SAFE_MEMBER)}, ',', 'gi')`;
  return matches(rest, MEMBER);
}

function matches(expression: string, pattern: string): string {
  return `regexp_matches(${expression}, ${sqlLiteral(pattern)}, 'i')`;
}

function namePattern(fields: readonly string[]): string {
  return `(?:${fields.map((words) => words.replaceAll(' ', '[-_]?')).join('|')})`;
}

/** A replacement costs much more than a look whether there is anything to replace: most texts need only the first stage. */
interface Stage {
  /** The stage is left out for a text that does not match this. */
  readonly needs?: string;
  readonly replacements: readonly Replacement[];
}

const STAGES: readonly Stage[] = [
  { replacements: [topMember(stringPattern(jsonTextLevel(0)) + `|${SCALAR}`)] },
  { needs: String.raw`"${NAME}"\s*:\s*[\[{]`, replacements: [topMember(containerPattern(jsonTextLevel(0), 4))] },
  { needs: String.raw`${NAME}\\`, replacements: [innerMember(1, 2), innerMember(2, 1), innerMember(3, 0)] },
  { needs: `${NAME}'`, replacements: [pythonMember()] },
  {
    needs: String.raw`${NAME}(?:[\s=:%>&]|\\+u00)`,
    replacements: [parameter(), amzParameter(), authorizationHeader(), xmlElement()],
  },
];

function topMember(value: string): Replacement {
  return { pattern: String.raw`("${NAME}"\s*:\s*)(?:${value})`, by: String.raw`\1"***"` };
}

/** In JSON text that is `depth` JSON strings deep; arrays and objects are followed to `nesting`, deeper ones void the text. */
function innerMember(depth: number, nesting: number): Replacement {
  const level = jsonTextLevel(depth);
  const value = [stringPattern(level), SCALAR, containerPattern(level, nesting)].join('|');
  const between = `${level.quote}${level.blank}*:${level.blank}*`;
  return { pattern: `(${level.quote})(${NAME}${between})(?:${value})`, by: String.raw`\1\2\1***\1` };
}

/** `{'password': 'x'}`, as Python prints it into messages. */
function pythonMember(): Replacement {
  const string = String.raw`b?'(?:[^'\\]|\\.)*(?:'|$)|b?"(?:[^"\\]|\\.)*"`;
  return { pattern: `('${NAME}'${BLANKS}:${BLANKS})(?:${string}|${SCALAR})`, by: String.raw`\1'***'` };
}

/** `?password=x`, `SecretString=x` in a form, `…;Password=x;` in a connection string. */
function parameter(): Replacement {
  const before = String.raw`(?:^|[?&;\s"'({,<]|%26|%3F|\\+u0026|\\+[nrt])`;
  return { pattern: `(${before}${NAME}${EQUALS})${PARAMETER_VALUE}`, by: String.raw`\1***` };
}

/** In query strings, and in the canonical requests that signature errors quote: `x-amz-security-token:…`. */
function amzParameter(): Replacement {
  return { pattern: String.raw`(${AMZ_NAME}(?:${EQUALS}|[ ]*:[ ]*))${PARAMETER_VALUE}`, by: String.raw`\1***` };
}

function authorizationHeader(): Replacement {
  const before = String.raw`(?:^|[^a-z]|\\+[nrt])`;
  return { pattern: String.raw`(${before}authorization[ ]*:[ ]*)[^"'\\\r\n]+`, by: String.raw`\1***` };
}

function xmlElement(): Replacement {
  const open = String.raw`(?:<|&lt;|\\+u003c)${NAME}(?:\s[^<>]*)?(?:>|&gt;|\\+u003e)`;
  return { pattern: String.raw`(${open})(?:[^<&\\"]|\\+[^u\\"]|\\+u00(?:2b|2f|3d|0a))+`, by: String.raw`\1***` };
}
