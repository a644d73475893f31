import { describe, expect, test } from 'vitest';
import { checkRules } from '../../src/calls/check-rules.js';
import { NORMAL_RULES } from '../../src/calls/normal-rules.js';
import { parseNormalRules } from '../../src/calls/parse-normal-rules.js';
import { openEngine } from '../queries/duckdb-engine.js';

const OWN = { name: 'order', pattern: 'order-([0-9]+)', replacement: String.raw`order-<\1>` };
const NAMES = NORMAL_RULES.map(({ name }) => name);

describe('the rules of a configuration', () => {
  test('without any are those of awsusage', () => {
    expect(parseNormalRules(undefined)).toEqual(NORMAL_RULES.map((rule) => ({ ...rule, isOwn: false })));
  });

  test('come first, take the place of those of the same name, and can leave others out', () => {
    const rules = parseNormalRules({ rules: [OWN, { ...OWN, name: 'uuid' }], without: ['ip'] });
    const left = NAMES.filter((name) => name !== 'uuid' && name !== 'ip');
    expect(rules.map(({ name }) => name)).toEqual(['order', 'uuid', ...left]);
    expect(rules.filter(({ isOwn }) => isOwn)).toHaveLength(2);
  });

  test.each([
    [7, 'snapshots: expected an object'],
    [{ rule: [] }, 'snapshots.rule: there is no such key'],
    [{ rules: {} }, 'snapshots.rules: expected a list'],
    [{ rules: ['x'] }, 'snapshots.rules[0]: expected an object'],
    [{ rules: [{ name: 'a', pattern: 'b' }] }, 'snapshots.rules[0].replacement: expected a text'],
    [{ rules: [{ ...OWN, name: 'Order' }] }, 'snapshots.rules[0].name: a name has'],
    [{ rules: [{ ...OWN, pattern: '' }] }, 'snapshots.rules[0].pattern: it is empty'],
    [{ rules: [{ ...OWN, replacement: String.raw`\2` }] }, 'there is no group 2 in the pattern, which has 1'],
    [{ rules: [{ ...OWN, replacement: String.raw`a\x` }] }, 'is followed by the number of a group'],
    [{ rules: [{ ...OWN, pattern: String.raw`\([(](?:a)`, replacement: String.raw`\1` }] }, 'which has 0'],
    [{ rules: [OWN, OWN] }, 'there are two rules called "order"'],
    [{ without: ['nope'] }, 'snapshots.without[0]: expected the name of a rule: presigned, '],
  ])('%j is refused', (value, problem) => {
    expect(() => parseNormalRules(value, '/c.json')).toThrow(`Cannot use /c.json: `);
    expect(() => parseNormalRules(value)).toThrow(problem);
  });

  test.each([
    ['order-(', /the rule "order".*missing \)/i],
    ['(?=a)b', /the rule "order"/],
    ['a*', /it matches where there is nothing/],
  ])('the pattern %s is refused by the engine', async (pattern, problem) => {
    const engine = await openEngine();
    try {
      await expect(
        checkRules(engine, parseNormalRules({ rules: [{ ...OWN, pattern, replacement: '' }] })),
      ).rejects.toThrow(problem);
      await expect(checkRules(engine, parseNormalRules({ rules: [OWN] }))).resolves.toBeUndefined();
    } finally {
      engine.close();
    }
  });
});
