import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { COMPLETION_SCRIPTS, SHELLS, type Shell } from '../../src/cli/completion-scripts.js';
import { awsusage, newFolder, RUN_JS, startProgram } from './run-awsusage.js';
import { hasPython } from './run-on-terminal.js';

/**
 * Types lines into a shell on a terminal, each followed by Tab, and makes the shell print the words that have become of it:
 * Ctrl-A goes to the start of the line, where a command is put before it.
 */
const PYTHON = `
import json, os, pty, re, select, sys, time
options = json.loads(sys.argv[1])
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(options['shell'][0], options['shell'])
seen = b''
def read_until(marker, seconds=20):
    global seen
    end = time.time() + seconds
    while marker not in seen and time.time() < end:
        if select.select([terminal], [], [], 0.1)[0]:
            try:
                seen += os.read(terminal, 65536)
            except OSError:
                break
    if marker not in seen:
        sys.exit('never saw %r in %r' % (marker, seen[-2000:]))
    before, _, seen = seen.partition(marker)
    return before
os.write(terminal, options['setup'].encode() + b" && printf 'READY%s\\\\n' _NOW\\n")
read_until(b'READY_NOW')
words = []
for line in options['lines']:
    os.write(terminal, line.encode() + b'\\t')
    # The shell reads what is typed meanwhile when it has completed the word.
    os.write(terminal, b"\\x01printf 'WORD%s\\\\n' _START; printf '[%s]' \\x05; printf 'WORD%s\\\\n' _END\\n")
    read_until(b'WORD_START')
    words.append(re.sub(rb'\\x1b\\[[0-9;?]*[a-zA-Z]|[\\r\\n]', b'', read_until(b'WORD_END')).decode())
os.write(terminal, b'exit\\n')
print(json.dumps(words))
`;

/** How to start each shell without anybody's settings, and what makes it complete. */
const SET_UP: Readonly<Record<Shell, { readonly shell: readonly string[]; readonly setup: string }>> = {
  bash: { shell: ['bash', '--norc', '--noprofile', '-i'], setup: 'source <(awsusage completion bash)' },
  zsh: {
    shell: ['zsh', '-f', '-i'],
    setup: 'autoload -U compinit && compinit -u && source <(awsusage completion zsh)',
  },
  fish: { shell: ['fish', '--no-config', '-i'], setup: 'awsusage completion fish | source' },
};

/** Each line, and the words that Tab makes of it. */
const LINES: readonly (readonly [string, readonly string[]])[] = [
  ['awsusage que', ['awsusage', 'query']],
  ['awsusage query sess', ['awsusage', 'query', 'sessions-per-day']],
  ['awsusage query services,sess', ['awsusage', 'query', 'services,sessions-per-day']],
  ['awsusage query services prod-l', ['awsusage', 'query', 'services', 'prod-logs']],
  ['awsusage query services my-fold', ['awsusage', 'query', 'services', 'my-folder']],
  ['awsusage query services --errors-', ['awsusage', 'query', 'services', '--errors-only']],
  ['awsusage query denormalize --column', ['awsusage', 'query', 'denormalize', '--columns']],
  ['awsusage query services --output mark', ['awsusage', 'query', 'services', '--output', 'markdown']],
  ['awsusage query services --output=mark', ['awsusage', 'query', 'services', '--output=markdown']],
  ['awsusage compact my-folder --format clou', ['awsusage', 'compact', 'my-folder', '--format', 'cloudtrail']],
  ['awsusage compact sta', ['awsusage', 'compact', 'status']],
];

describe.each(SHELLS)('%s', (shell) => {
  const isThere = spawnSync(shell, ['--version']).status === 0;
  const skip = !isThere ? `: ${shell} is not installed` : !hasPython() ? ': there is no Python to make a terminal' : '';

  test.skipIf(skip !== '')(`completes a line that is typed on a terminal${skip}`, async () => {
    const { shell: program, setup } = SET_UP[shell];
    const options = JSON.stringify({ shell: program, setup, lines: LINES.map(([line]) => line) });
    const end = await startProgram('python3', ['-c', PYTHON, options], surroundings()).ended;
    expect(end.stderr).toBe('');
    // zsh takes the slash of a folder away when the next key is no part of its name.
    const completed = (JSON.parse(end.stdout) as string[]).map((words) => words.replaceAll('/]', ']'));
    expect(completed).toEqual(LINES.map(([, words]) => words.map((word) => `[${word}]`).join('')));
  });

  test.skipIf(!isThere)(`finds no fault in the script${isThere ? '' : `: ${shell} is not installed`}`, () => {
    const file = join(newFolder({ script: COMPLETION_SCRIPTS[shell] }), 'script');
    const { status, stderr } = spawnSync(shell, ['-n', file], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});

/** A folder with a configuration and the program's name in PATH. */
function surroundings(): { cwd: string; env: Record<string, string> } {
  const cwd = newFolder({
    'awsusage.config.json': JSON.stringify({ sources: { 'prod-logs': './a', audit: './b' } }),
    'my-folder/a.json': '',
  });
  chmodSync(join(cwd, 'awsusage.config.json'), 0o600);
  const bin = newFolder();
  symlinkSync(RUN_JS, join(bin, 'awsusage'));
  mkdirSync(join(bin, 'home'));
  const env = { PATH: `${bin}:${process.env['PATH'] ?? ''}`, HOME: join(bin, 'home'), TERM: 'xterm', PS1: '> ' };
  return { cwd, env };
}

describe.concurrent('complete-line', () => {
  test('offers the names of the configuration, whatever it holds, and says nothing of one that is broken', async () => {
    const ask = (cwd: string) => awsusage(['complete-line', '--', 'query', 'services', ''], { cwd });
    const evil = JSON.stringify({ sources: { prod: './\u001b[31m\n:none\tx', audit: 's3://b/' } });
    const named = await ask(newFolder({ 'awsusage.config.json': evil }));
    expect(named).toMatchObject({ code: 0, stderr: '' });
    expect(named.stdout.split('\n').map((line) => line.split('\t')[0])).toEqual(['prod', 'audit', ':files', '']);
    expect(named.stdout).not.toContain('\u001b');
    const broken = await ask(newFolder({ 'awsusage.config.json': '{"sources":' }));
    expect(broken).toMatchObject({ code: 0, stdout: ':files\n', stderr: '' });
  });

  test('takes no word of the line for one of its own', async () => {
    for (const words of [['--help'], ['--version'], ['query', '--json', '--'], ['--', '-h'], []]) {
      const end = await awsusage(['complete-line', '--', ...words]);
      expect(end).toMatchObject({ code: 0, stderr: '' });
      expect(end.stdout).toMatch(/:(none|files)\n$/);
    }
  });

  test('is no command that a person is told of', async () => {
    for (const args of [['--help'], ['nope']]) {
      const { stdout, stderr } = await awsusage(args);
      expect(`${stdout}${stderr}`).toContain('completion');
      expect(`${stdout}${stderr}`).not.toContain('complete-line');
    }
  });
});

test('completion without a shell, or with one that it does not know, says which there are', async () => {
  for (const args of [[], ['tcsh']]) {
    const end = await awsusage(['completion', ...args]);
    expect(end).toMatchObject({ code: 2, stdout: '' });
    expect(end.stderr).toMatch(/bash.*zsh.*fish/);
  }
});
