import { describe, expect, test } from 'vitest';
import { sanitizeForTerminal, sanitizeLines } from '../../src/output/sanitize.js';
import { dangerIn, isDangerous } from './dangerous-characters.js';
import { HOSTILE_STRINGS } from './hostile-strings.js';

describe('sanitizeForTerminal', () => {
  test.each([
    ['plain text', 'plain text'],
    ['', ''],
    ['\x1b[31m', '\\x1b[31m'],
    ['\0\x07\x7f', '\\x00\\x07\\x7f'],
    ['a\tb\nc\r', 'a\\tb\\nc\\r'],
    ['\x85\x9b', '\\x85\\x9b'],
    ['\u202e\u2066\u200f\u061c', '\\u202e\\u2066\\u200f\\u061c'],
    ['\u2028\u2029', '\\u2028\\u2029'],
    ['a\u200bb\ufeff\u00ad', 'a\\u200bb\\ufeff\\xad'],
    ['\u{e0001}\u{e007f}', '\\u{e0001}\\u{e007f}'],
    ['\ud800 \udc00', '\\ud800 \\udc00'],
    ['\udc00\ud800', '\\udc00\\ud800'],
    ['::error::x', '\\x3a:error::x'],
    [' \u3000::set-output name=a::b', ' \u3000\\x3a:set-output name=a::b'],
    ['::GROUP', '\\x3a:GROUP'],
    ['a##[error]b ###[x] ##vso[y] ##TeamCity[z]', 'a#\\x23[error]b ##\\x23[x] #\\x23vso[y] #\\x23TeamCity[z]'],
  ])('%j becomes %j', (text, shown) => {
    expect(sanitizeForTerminal(text)).toBe(shown);
  });

  test.each([
    '::1',
    '::',
    '::ffff:192.0.2.1',
    'a::error::',
    'std::string',
    '## heading',
    '# [x]',
    'naïve',
    '日本語',
    '🪐',
    '👍🏽',
    '🇬🇧',
    '❤️',
    'नमस्ते',
    'שלום',
    'a\u00a0b',
    '\\x1b',
  ])('%s stays', (text) => {
    expect(sanitizeForTerminal(text)).toBe(text);
  });

  test('a variation selector stays only behind an emoji', () => {
    expect(sanitizeForTerminal('❤\ufe0f\ufe0f a\ufe0f')).toBe('❤\ufe0f\\ufe0f a\\ufe0f');
  });

  test('no dangerous character of the whole of Unicode gets through, and no letter, mark or number is touched', () => {
    const wrong: string[] = [];
    for (let code = 0; code <= 0x10ffff; code++) {
      const character = String.fromCodePoint(code);
      const isReplaced = sanitizeForTerminal(character) !== character;
      if (isDangerous(character) && !isReplaced) wrong.push(code.toString(16));
      if (/^[\p{Ll}\p{Lu}\p{N}\p{P}\p{S}\p{Mc}\p{Me}]$/u.test(character) && isReplaced) wrong.push(code.toString(16));
    }
    expect(wrong).toEqual([]);
  });

  test.each(HOSTILE_STRINGS)('%j comes out inert, and again the same', (text) => {
    const shown = sanitizeForTerminal(text);
    expect(dangerIn(shown)).toEqual([]);
    expect(sanitizeForTerminal(shown)).toBe(shown);
  });
});

describe('sanitizeLines', () => {
  test('breaks commands at the start of every line', () => {
    expect(sanitizeLines('a\n::error::b\n\n  ::debug::c ::d')).toBe('a\n\\x3a:error::b\n\n  \\x3a:debug::c ::d');
  });

  test('keeps line feeds and nothing else', () => {
    expect(sanitizeLines('one\ntwo\r\n\tthree\x1b[0m\u2028')).toBe('one\ntwo\\r\n\\tthree\\x1b[0m\\u2028');
  });
});
