import { Command, Errors, Flags } from '@oclif/core';
import { describe, expect, it } from 'vitest';

import { renderError, wantsDebug } from '../../src/cli/render-error.js';
import { EXIT_CODES, type ExitCodeName, UserError } from '../../src/errors.js';

const PLAIN = { colour: false, debug: false };

/** Real parser errors, made by oclif itself. */
class Probe extends Command {
  static override args = {};
  static override flags = {
    output: Flags.string({ options: ['table', 'json'] }),
    limit: Flags.integer(),
    memory: Flags.custom<string>({
      parse: async () => Promise.reject(new UserError('cannot read "x"', { wayOut: 'write 512MB' })),
    })(),
    need: Flags.string({ dependsOn: ['limit'] }),
  };

  async run(): Promise<void> {
    await this.parse(Probe);
  }

  protected override async catch(error: Error): Promise<never> {
    return Promise.reject(error);
  }
}

async function failOn(argv: string[]): Promise<unknown> {
  try {
    await Probe.run(argv, import.meta.url);
  } catch (error) {
    return error;
  }
  throw new Error(`${argv.join(' ')} was taken`);
}

describe('renderError', () => {
  it('shows a user error with its way out', () => {
    const error = new UserError('cannot read logs/: there is no such folder', {
      wayOut: ['look at the path', 'give another SOURCE'],
    });
    expect(renderError(error, PLAIN)).toEqual({
      text: 'Error: cannot read logs/: there is no such folder\n  look at the path\n  give another SOURCE',
      exitCode: 2,
      document: {
        version: 1,
        error: {
          code: 'usage',
          exitCode: 2,
          message: 'cannot read logs/: there is no such folder',
          wayOut: ['look at the path', 'give another SOURCE'],
        },
      },
    });
  });

  it.each(Object.entries(EXIT_CODES) as [ExitCodeName, number][])('%s exits %d', (name, exitCode) => {
    const rendered = renderError(new UserError('no', { exitCode: name }), PLAIN);
    expect(rendered.exitCode).toBe(exitCode);
    expect(rendered.document?.error.code).toBe(name);
  });

  it.each<[unknown, string]>([
    [new TypeError('x is not a function'), 'x is not a function'],
    [new RangeError(), 'RangeError'],
    ['text', 'text'],
    [undefined, 'undefined'],
    [Object.create(null), 'a thrown value that cannot be shown'],
    [new AggregateError([new Error('one'), new Error('two')]), 'one; two'],
  ])('takes %s for a bug', (error, message) => {
    const { text, exitCode, document } = renderError(error, PLAIN);
    expect(exitCode).toBe(70);
    expect(text.split('\n')[0]).toBe(`Error: awsusage has a bug: ${message}`);
    expect(text).not.toContain('    at ');
    expect(document?.error.code).toBe('bug');
  });

  it('shows stacks and causes only for debugging', () => {
    const error = new UserError('outer', { cause: new Error('inner') });
    expect(renderError(error, PLAIN).text).toBe('Error: outer');
    const { text } = renderError(error, { colour: false, debug: true });
    expect(text).toMatch(/render-error\.test/);
    expect(text).toContain('Caused by: Error: inner');
  });

  it('colours one word', () => {
    const { text } = renderError(new UserError('no'), { colour: true, debug: false });
    expect(text).toBe('\x1b[31mError:\x1b[39m no');
  });

  it('shows hostile text inert and never at the margin', () => {
    const error = new UserError('cannot read a\x1b[2J\u202e\nError: forged', { wayOut: 'try\nError: b\x9b31m' });
    const { text, document } = renderError(error, { colour: false, debug: true });
    expect(text).not.toMatch(/[\x1b\u202e\x9b]/);
    expect(text.match(/^Error:/gm)).toHaveLength(1);
    expect(JSON.stringify(document)).not.toMatch(/[\u202e\x9b]/);
  });

  it.each([
    ['EMFILE', /too many files are open/, /ulimit -n/],
    ['ENOSPC', /no space is left/, /AWSUSAGE_TMPDIR/],
  ])('explains %s instead of calling it a bug', (code, message, wayOut) => {
    const error = Object.assign(new Error(`${code}: system`), { code, path: '/data/x' });
    const rendered = renderError(error, PLAIN);
    expect(rendered.exitCode).toBe(2);
    expect(rendered.text).toMatch(message);
    expect(rendered.text).toContain('/data/x');
    expect(rendered.text).toMatch(wayOut);
  });

  it.each([
    [
      ['--outptu', 'json'],
      'Error: Unknown flag: --outptu\n  Did you mean --output?\n  See --help for what can be given.',
    ],
    [['--nothing-like-it'], 'Error: Unknown flag: --nothing-like-it\n  See --help for what can be given.'],
    [['--out=x'], 'Error: Unknown flag: --out=x\n  Did you mean --output?\n  See --help for what can be given.'],
    [['extra'], 'Error: Unexpected argument: extra\n  See --help for what can be given.'],
    [
      ['--output', 'xml'],
      'Error: Expected --output=xml to be one of: table, json\n  See --help for what can be given.',
    ],
    [
      ['--limit', 'many'],
      'Error: --limit: Expected an integer but received: many\n  See --help for what can be given.',
    ],
    [['--memory', 'x'], 'Error: --memory: cannot read "x"\n  write 512MB\n  See --help for what can be given.'],
    [
      ['--need', 'x'],
      'Error: The following error occurred:\n    All of the following must be provided when using --need: --limit\n  See --help for what can be given.',
    ],
  ])('%j is wrong usage', async (argv, text) => {
    const rendered = renderError(await failOn(argv), PLAIN);
    expect(rendered.text).toBe(text);
    expect(rendered.exitCode).toBe(2);
  });

  it('is silent where oclif only ends the command', () => {
    expect(renderError(new Errors.ExitError(0), PLAIN)).toEqual({ text: '', exitCode: 0, document: undefined });
    expect(renderError(new Errors.ExitError(3), PLAIN).exitCode).toBe(3);
  });
});

it.each<[NodeJS.ProcessEnv, boolean]>([
  [{}, false],
  [{ AWSUSAGE_DEBUG: '1' }, true],
  [{ AWSUSAGE_DEBUG: '0' }, false],
  [{ AWSUSAGE_DEBUG: '' }, false],
  [{ DEBUG: '*' }, true],
  [{ DEBUG: 'awsusage' }, true],
  [{ DEBUG: 'express,awsusage:*' }, true],
  [{ DEBUG: 'express' }, false],
  [{ DEBUG: 'release' }, false],
])('wantsDebug(%o) is %s', (env, debug) => {
  expect(wantsDebug(env)).toBe(debug);
});
