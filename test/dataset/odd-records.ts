import type { FieldType, LogFormat } from '../../src/formats/log-format.js';
import type { Chance } from '../records/seeded-chance.js';

const ODD_NUMBERS = [
  ...['0', '-0', '1', '-1', '200', '1.10', '1.0', '-0.0', '1e3', '1E5', '1e-7', '0.1', '1e21', '1e400', '-1e400'],
  ...[
    '123456789012345678901234567890',
    '9007199254740993',
    '9223372036854775807',
    '9223372036854775808',
    '0.30000000000000004',
  ],
];
const ODD_STRINGS = [
  ...[
    '""',
    '"-"',
    '" "',
    '"a"',
    '"null"',
    '"true"',
    '"200"',
    '"007"',
    '"-5"',
    '"1.5"',
    '"1e3"',
    '"-0"',
    '"1_000"',
    '"0x1F"',
  ],
  ...[
    '"é\u{1f600}"',
    '"\\u00e9"',
    '"\\ud83d\\ude00"',
    '"\\ud800"',
    '"x\\udc00y"',
    '"\\\\ud800"',
    '"\\\\\\ud800"',
    '"\\ud83d\\ud83d\\ude00"',
  ],
  ...[
    '"\\u0000"',
    '"a\\u0000b"',
    '"\\n\\t"',
    '"\\/"',
    '"\\"q\\""',
    '"\\u001d\\u001e\\u001f"',
    '"it\'s"',
    '"{}"',
    '"[1]"',
    '"{\\"a\\":1.10}"',
  ],
  ...['"HIDDEN_DUE_TO_SECURITY_REASONS"', '"ASIAEXAMPLE"', '"\u2028"', '"\u007f"', '"NaN"', '"inf"', '"1,5"'],
];
const ODD_TIMES = [
  ...[
    '"2026-03-01T06:00:00"',
    '"2026-03-01T06:00:00Z"',
    '"2026-03-01T06:00:00.123Z"',
    '"2026-03-01T06:00:00.120Z"',
    '"2026-03-01T06:00:00.123456Z"',
  ],
  ...[
    '"2026-03-01T06:00:00.1234567Z"',
    '"2026-03-01T06:00:00.000Z"',
    '"2026-03-01 06:00:00"',
    '"2026-03-01T06:00:00+02:00"',
    '"2026-03-01T06:00:00 -0530"',
  ],
  ...[
    '"2026-03-01"',
    '"2026-02-30T06:00:00Z"',
    '"0000-01-01T00:00:00Z"',
    '"0001-01-01T00:00:00Z"',
    '"9999-12-31T23:59:59.999999Z"',
    '"2026-03-01T06:00:0 Z"',
  ],
  ...[
    '1772345678',
    '1772345678123',
    '1772345678123456',
    '1772345678.5',
    '"1772345678123"',
    '-62135596801',
    '-99999999999',
    '50000000000',
    '1.7723e9',
  ],
  ...[
    '"10/Jan/2023:06:15:01 +0000"',
    '"10/Jan/2023:06:15:01 -0130"',
    '"10/jan/2023:06:15:01 +0000"',
    '"-62135596800001"',
    '"1969-12-31T23:59:59.5Z"',
    '-1500',
  ],
];
const ODD_NESTED = [
  ...[
    '{}',
    '[]',
    '{ "a" : 1.10 , "b" : [ ] }',
    '[1,\t2]',
    '{"a":{"a":"\\ud800"}}',
    '{"a":1,"a":2}',
    '[[[[1e400]]]]',
    '{"accessKeyId":"ASIAX","arn":"arn:x"}',
  ],
  ...[
    '{"operation":"op","service":"S3","count":3}',
    '{"api_calls":[{"service":"s3","operation":"x","count":2},{"count":"y"}]}',
    '{"\\u0061":"\\u0000"}',
  ],
];
const LITERALS = ['true', 'false', 'null', 'null'];
const UNKNOWN_KEYS = [
  ...[
    '"unknown"',
    '""',
    '" "',
    '"é"',
    '"\\u00e9"',
    '"\\ud800"',
    '"a\\"b"',
    '"__proto__"',
    '"extra"',
    '"record_keys"',
    '"object_key"',
  ],
  ...[
    '"constructor"',
    '"\\u0061"',
    '"rest"',
    '"marks"',
    '"shape"',
    '"TIMESTAMP"',
    '"$.a"',
    '"\\u0000"',
    '"typed status"',
  ],
];

const FITTING: Readonly<Record<FieldType, readonly string[]>> = {
  text: ['"plain"', '"x\\"y"', '"-"'],
  json: ODD_NESTED,
  integer: ['200', '404', '0', '-7', '"200"', '-'],
  double: ['1', '2.5', '-0', '1.5'],
  boolean: ['true', 'false', '"true"'],
  timestamp: ODD_TIMES,
};

/** A member to be: its key as it is written, and the field that it is for, or nobody's. */
interface OddKey {
  readonly key: string;
  readonly field: string | undefined;
}

/** Makes up the keys of a record of the format: fields, their aliases, doubled ones, unknown ones, in any order. */
export function oddKeys(format: LogFormat, chance: Chance): readonly OddKey[] {
  const { pick, hits } = chance;
  const keys = signatureKeys(format, chance).map((field) => oddKey(field, format, chance));
  for (const field of Object.keys(format.fields))
    if (hits(0.3) && format.wholeRecord !== true) keys.push(oddKey(field, format, chance));
  const isClosed = format.signatures.every(({ only }) => only !== undefined);
  while (!isClosed && hits(0.3)) keys.push({ key: pick(UNKNOWN_KEYS), field: undefined });
  return shuffled(keys, chance);
}

/** Makes up a record with such keys, as JSON text on one line, with everything odd that JSON can hold. */
export function oddRecord(keys: readonly OddKey[], format: LogFormat, chance: Chance): string {
  const { hits } = chance;
  const blank = hits(0.1) ? ' ' : '';
  const members = keys.map((key) => `${key.key}${hits(0.1) ? ' : ' : ':'}${oddValue(key, format, chance)}`);
  return `{${blank}${members.join(`${blank},${blank}`)}${blank}}`;
}

function signatureKeys({ signatures }: LogFormat, { pick }: Chance): string[] {
  const { all, any = [] } = pick(signatures);
  return [...all, ...(any.length === 0 ? [] : [pick(any)])];
}

function oddKey(field: string, { aliases = {} }: LogFormat, { pick, hits }: Chance): OddKey {
  const twins = Object.keys(aliases).filter((alias) => aliases[alias] === field);
  const name = twins.length > 0 && hits(0.3) ? pick(twins) : field;
  const key = hits(0.02) ? `"\\u00${name.charCodeAt(0).toString(16)}${name.slice(1)}"` : JSON.stringify(name);
  return { key, field };
}

function oddValue({ field }: OddKey, { fields, takesDashes }: LogFormat, chance: Chance): string {
  if (field === undefined || chance.hits(0.4)) return anyValue(chance);
  const fitting = FITTING[fields[field] ?? 'text'].filter((value) => value !== '-' || takesDashes === true);
  return chance.pick(fitting);
}

function anyValue({ pick }: Chance): string {
  return pick(pick([ODD_NUMBERS, ODD_STRINGS, ODD_STRINGS, ODD_TIMES, ODD_NESTED, LITERALS]));
}

function shuffled<T>(list: readonly T[], { below }: Chance): T[] {
  const mixed = [...list];
  for (let i = mixed.length - 1; i > 0; i--) {
    const j = below(i + 1);
    [mixed[i], mixed[j]] = [mixed[j]!, mixed[i]!];
  }
  return mixed;
}
