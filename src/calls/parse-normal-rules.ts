import { UserError } from '../errors.js';
import { NORMAL_RULES, type NormalRule } from './normal-rules.js';

const RULE_NAME = /^[a-z][a-z0-9-]{0,39}$/;
const KEYS = ['name', 'pattern', 'replacement'] as const;

/** A rule with where it comes from. */
export interface ListedRule extends NormalRule {
  readonly isOwn: boolean;
}

/**
 * The rules to apply: those of the configuration first, then those of awsusage. A rule of the configuration takes the place of
 * the built-in one of its name; what `without` names is left out.
 * @param value the value of `snapshots` in the configuration, as it was written; undefined where there is none
 * @param file the configuration's own path, for errors
 * @throws UserError that names the place; whether a pattern can be read only the engine knows (see `checkRules`)
 */
export function parseNormalRules(value: unknown, file = 'the configuration'): readonly ListedRule[] {
  try {
    return readRules(value);
  } catch (error) {
    throw error instanceof RuleMistake ? inFile(error, file) : error;
  }
}

/** A mistake with its place in the configuration. */
class RuleMistake extends Error {}

function readRules(value: unknown): readonly ListedRule[] {
  const { rules: given = [], without: left = [] } = readMembers(value ?? {}, 'snapshots', ['rules', 'without']);
  const own = readList(given, 'snapshots.rules').map((one, index) => readRule(one, `snapshots.rules[${index}]`));
  const names = own.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw mistake('snapshots.rules', `there are two rules called ${JSON.stringify(twice)}`);
  const without = readList(left, 'snapshots.without').map((one, index) => readBuiltIn(one, index));
  const builtIn = NORMAL_RULES.filter(({ name }) => !names.includes(name) && !without.includes(name));
  return [...own.map((rule) => ({ ...rule, isOwn: true })), ...builtIn.map((rule) => ({ ...rule, isOwn: false }))];
}

function readRule(value: unknown, place: string): NormalRule {
  const members = readMembers(value, place, KEYS);
  const [name, pattern, replacement] = KEYS.map((key) => {
    const text = members[key];
    if (typeof text !== 'string') throw mistake(`${place}.${key}`, 'expected a text, in double quotes');
    return text;
  }) as [string, string, string];
  if (!RULE_NAME.test(name)) throw mistake(`${place}.name`, 'a name has small letters, digits and "-", at most 40');
  if (pattern === '') throw mistake(`${place}.pattern`, 'it is empty');
  checkReplacement({ pattern, replacement }, `${place}.replacement`);
  return { name, pattern, replacement };
}

/** The engine passes over a replacement that it cannot make. */
function checkReplacement({ pattern, replacement }: Omit<NormalRule, 'name'>, place: string): void {
  const groups = countGroups(pattern);
  for (const [escape, digit] of replacement.matchAll(/\\(?:([0-9])|\\|)/gs)) {
    if (escape === '\\') throw mistake(place, String.raw`"\" is followed by the number of a group, or by another "\"`);
    if (digit !== undefined && Number(digit) > groups)
      throw mistake(place, `there is no group ${digit} in the pattern, which has ${groups}`);
  }
}

function countGroups(pattern: string): number {
  const withoutClasses = pattern.replace(/\\./gs, '').replace(/\[\^?\]?[^\]]*\]/g, '');
  return (withoutClasses.match(/\((?!\?)|\(\?P?</g) ?? []).length;
}

function readBuiltIn(value: unknown, index: number): string {
  const known = NORMAL_RULES.find(({ name }) => name === value);
  if (known !== undefined) return known.name;
  const names = NORMAL_RULES.map(({ name }) => name).join(', ');
  throw mistake(`snapshots.without[${index}]`, `expected the name of a rule: ${names}`);
}

function readMembers<Key extends string>(
  value: unknown,
  place: string,
  known: readonly Key[],
): Partial<Record<Key, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw mistake(place, 'expected an object, in { }');
  const unknown = Object.keys(value).find((key) => !(known as readonly string[]).includes(key));
  if (unknown !== undefined)
    throw mistake(`${place}.${unknown}`, `there is no such key; known here: ${known.join(', ')}`);
  return value;
}

function readList(value: unknown, place: string): readonly unknown[] {
  if (!Array.isArray(value)) throw mistake(place, 'expected a list, in [ ]');
  return value as readonly unknown[];
}

function mistake(place: string, problem: string): RuleMistake {
  return new RuleMistake(`${place}: ${problem}`);
}

function inFile({ message }: RuleMistake, file: string): UserError {
  return new UserError(`Cannot use ${file}: ${message}`, {
    wayOut:
      'For example: {"snapshots": {"rules": [{"name": "order", "pattern": "order-[0-9]+", "replacement": "order-<n>"}]}}',
  });
}
