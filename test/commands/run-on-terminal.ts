import { spawnSync } from 'node:child_process';
import { RUN_JS, startProgram } from './run-awsusage.js';

/** Makes a pseudo-terminal, runs a program on it, and prints all that appears there; ends as the program does. */
const PYTHON = `
import fcntl, json, os, pty, struct, sys, termios
options = json.loads(sys.argv[1])
pid, terminal = pty.fork()
if pid == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack('HHHH', 24, options['columns'], 0, 0))
    if options['stdout']:
        os.dup2(os.open(options['stdout'], os.O_WRONLY | os.O_CREAT, 0o600), 1)
    os.execvp(sys.argv[2], sys.argv[2:])
seen = b''
pressed = not options['press']
while True:
    try:
        data = os.read(terminal, 65536)
    except OSError:
        break
    if not data:
        break
    seen += data
    if not pressed and options['press'].encode() in seen:
        pressed = True
        os.write(terminal, b'\\x03')
_, status = os.waitpid(pid, 0)
sys.stdout.buffer.write(seen)
sys.stdout.flush()
sys.exit(os.waitstatus_to_exitcode(status) & 255)
`;

export interface TerminalOptions {
  readonly columns: number;
  readonly env?: Readonly<Record<string, string>>;
  /** A file that takes stdout, so that only stderr is on the terminal. */
  readonly stdout?: string;
  /** Presses Ctrl-C when this has appeared. */
  readonly pressCtrlCAfter?: string;
}

/** Whether there is what it takes to make a terminal. */
export function hasPython(): boolean {
  return spawnSync('python3', ['-c', 'import pty, os; os.waitstatus_to_exitcode']).status === 0;
}

/** Runs the program on a terminal of so many columns. `output` is what appeared there, stdout and stderr alike. */
export async function runOnTerminal(
  args: readonly string[],
  { columns, env = {}, stdout = '', pressCtrlCAfter = '' }: TerminalOptions,
): Promise<{ readonly output: string; readonly code: number | null }> {
  const options = JSON.stringify({ columns, stdout, press: pressCtrlCAfter });
  const command = ['-c', PYTHON, options, process.execPath, RUN_JS, ...args];
  const end = await startProgram('python3', command, { env: { TERM: 'xterm-256color', ...env } }).ended;
  if (end.stderr !== '') throw new Error(`the terminal did not work: ${end.stderr}`);
  if (end.left.length > 0) throw new Error(`temporary files were left: ${end.left.join(', ')}`);
  return { output: end.stdout, code: end.code };
}
