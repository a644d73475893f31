import { describe, expect, test } from 'vitest';
import { parseYaml, YamlMistake } from '../../src/yaml/parse-yaml.js';

function mistakeIn(text: string): YamlMistake | undefined {
  try {
    parseYaml(text);
  } catch (error) {
    if (error instanceof YamlMistake) return error;
    throw error;
  }
  return undefined;
}

describe('a mistake has its place', () => {
  test.each([
    ['a: [', 1, 5],
    ['a: 1\nb: "c', 2, 6],
    ['a: 1\na: 2', 2, 1],
    ['a: 1\n---\nb: 2', 2, 1],
  ])('%j', (text, line, column) => {
    expect(mistakeIn(text)).toMatchObject({ place: { line, column } });
    expect(mistakeIn(text)?.message).toMatch(/^[^\n]+$/);
  });

  test.each(['[', '{a: ', '- ', '? ', '  '.repeat(200)])('however deep it goes with %j', (opening) => {
    expect(mistakeIn(`a: 1\nb:\n${opening.repeat(20_000)}x`)?.message).toBe('it is nested too deeply');
  });
});

test.each([
  ['', 0, 1, 1],
  ['a', 0, 1, 1],
  ['a: 1\nb: 2', 8, 2, 4],
])('%j at %i', (text, offset, line, column) => {
  expect(parseYaml(text).placeOf(offset)).toEqual({ line, column });
});
