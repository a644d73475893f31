import { describe, expect, test } from 'vitest';
import { SqlError } from '../../src/engines/engine.js';
import { fromPlainError, toPlainError } from '../../src/engines/plain-error.js';
import { EXIT_CODES, UserError, type ExitCodeName } from '../../src/errors.js';

/** As through the channel between two processes. */
function sent(error: unknown): Error {
  return fromPlainError(structuredClone(toPlainError(error)));
}

describe('an error that goes to another process', () => {
  test.each(Object.keys(EXIT_CODES) as ExitCodeName[])(
    'a UserError keeps its way out and the exit code %s',
    (exitCode) => {
      const given = new UserError('Cannot: no', { wayOut: ['do this', 'or that'], exitCode });
      const got = sent(given);
      expect(got).toBeInstanceOf(UserError);
      expect(got).toEqual(given);
      expect(got).toMatchObject({ wayOut: ['do this', 'or that'], exitCode, stack: given.stack });
      expect('cause' in got).toBe(false);
    },
  );

  test('a SqlError keeps its cause, and that its own', () => {
    const cause = new Error('Parser Error: x', { cause: new UserError('deeper') });
    const got = sent(new SqlError('Parser Error: x', { cause }));
    expect(got).toBeInstanceOf(SqlError);
    expect(got.cause).toEqual(cause);
    expect((got.cause as Error).cause).toBeInstanceOf(UserError);
  });

  test('others keep their names and stacks', () => {
    const given = new RangeError('too far');
    const got = sent(given);
    expect([got.name, got.message, got.stack]).toEqual(['RangeError', 'too far', given.stack]);
    expect(got).not.toBeInstanceOf(UserError);
    expect(got).not.toBeInstanceOf(SqlError);
  });

  test('a system error keeps what it is explained by', () => {
    const facts = { code: 'ENOSPC', errno: -28, syscall: 'write', path: '/tmp/x' };
    expect(sent(Object.assign(new Error('no space'), facts))).toMatchObject(facts);
  });

  test('what is no error becomes one', () => {
    expect(sent('a text')).toEqual(new Error('a text'));
    expect(sent(undefined)).toEqual(new Error('undefined'));
  });

  test('a ring of causes comes to an end', () => {
    const ring = new Error('ring');
    ring.cause = ring;
    let length = 0;
    for (let at: unknown = sent(ring); at instanceof Error; at = at.cause) length += 1;
    expect(length).toBeGreaterThan(1);
    expect(length).toBeLessThan(20);
  });
});
