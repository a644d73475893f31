import type { Chance } from './seeded-chance.js';

/** Pieces that a grammar trips over when they stand where they should not, or lack where they should stand. */
const PIECES = [
  ...'{}[]:,"\\ \t\r\n\f\0-+.eE0189truefalsn/*#',
  ...[
    'null',
    'true',
    'false',
    'NaN',
    'Infinity',
    '-',
    '-0',
    '01',
    '1.',
    '.5',
    '1e5',
    '1E+',
    '0x1',
    '123456789012345678',
  ],
  ...[
    '999999999999999',
    '-999999999999999',
    '1000000000000000',
    '1.10',
    '-0.0',
    '""',
    '{}',
    '[]',
    '"a":1',
    '"a":-,',
    ',,',
  ],
  ...[
    '\\u0000',
    '\\ud83d\\ude00',
    '\\ud800',
    '\\udc00',
    '\\u12',
    '\\n',
    '\\x',
    '\\"',
    '\\\\',
    '\u00e9',
    '\u2028',
    '\u{1f600}',
    '\ufeff',
  ],
  ...['"__proto__":{}', '"toString":null', '//', '/**/', "'", '-}', ': - ,', '- ', '-1'],
];

/** The text with one to four changes, each small; some leave it the JSON that it was. */
export function mutateJson(text: string, others: readonly string[], chance: Chance): string {
  let mutated = text;
  for (let changes = 1 + chance.below(4); changes > 0; changes--) mutated = change(mutated, others, chance);
  return mutated;
}

function change(text: string, others: readonly string[], chance: Chance): string {
  const at = chance.below(text.length + 1);
  const until = Math.min(text.length, at + 1 + chance.below(chance.hits(0.8) ? 3 : 80));
  const piece = chance.pick(PIECES);
  switch (chance.below(8)) {
    case 0:
      return text.slice(0, at) + text.slice(until);
    case 1:
      return text.slice(0, at) + piece + text.slice(until);
    case 2:
      return text.slice(0, at) + text.slice(at, until) + text.slice(at);
    case 3:
      return chance.hits(0.3) ? text.slice(0, at) : text.replace(/([,:{[]) ?/, '$1\n \t');
    case 4:
      return putIntoValue(text, piece, chance);
    case 5:
      return text.slice(0, at) + chance.pick(others).slice(0, 40) + text.slice(at);
    default:
      return text.slice(0, at) + piece + text.slice(at);
  }
}

/** Replaces a literal, number or string by something else that may stand there, so that many changed texts stay JSON. */
function putIntoValue(text: string, piece: string, chance: Chance): string {
  const values = [...text.matchAll(/(?<=: ?)("[^"\\]*"|-?\d+|true|false|null)(?=[,}\]])/g)];
  if (values.length === 0) return text;
  const { index, 0: found } = chance.pick(values);
  return text.slice(0, index) + piece + text.slice(index + found.length);
}
