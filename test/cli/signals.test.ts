import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { signalExitCode } from '../../src/cli/signals.js';
import { start, type Started } from './child-process.js';
import { compileSource } from './compiled-source.js';

let source: Awaited<ReturnType<typeof compileSource>>;

beforeAll(async () => {
  source = await compileSource();
});

afterAll(async () => {
  await rm(source.folder, { recursive: true });
});

it.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)('%s is %d', (signal, code) => {
  expect(signalExitCode(signal)).toBe(code);
});

describe('onInterrupt', () => {
  async function startWatching(handler: string): Promise<Started> {
    const script = await source.write(
      'watch.js',
      `import { onInterrupt } from './cli/signals.js';
       process.on('exit', () => console.log('cleaned up'));
       const watch = onInterrupt(${handler});
       setInterval(() => {}, 1000);
       console.log('ready');`,
    );
    const started = start(process.execPath, [script]);
    await started.saw('ready');
    return started;
  }

  it.each<[string, NodeJS.Signals, string, number]>([
    ['a handler that returns', 'SIGINT', '(signal) => console.log("got " + signal)', 130],
    ['SIGTERM', 'SIGTERM', '(signal) => console.log("got " + signal)', 143],
    ['SIGHUP', 'SIGHUP', '(signal) => console.log("got " + signal)', 129],
    [
      'a handler that takes a while',
      'SIGINT',
      'async (signal) => { await new Promise((r) => setTimeout(r, 100)); console.log("got " + signal); }',
      130,
    ],
    ['a handler that throws', 'SIGINT', '(signal) => { console.log("got " + signal); throw new Error("no"); }', 130],
    [
      'a handler that rejects',
      'SIGINT',
      'async (signal) => { console.log("got " + signal); throw new Error("no"); }',
      130,
    ],
    [
      'a handler that hangs',
      'SIGINT',
      '(signal) => { console.log("got " + signal); return new Promise(() => {}); }',
      130,
    ],
  ])('%s: cleans up and exits within a second', async (_name, signal, handler, code) => {
    const { child, ended } = await startWatching(handler);
    const before = Date.now();
    child.kill(signal);
    const end = await ended;
    expect(end).toEqual({ code, signal: null, stdout: `ready\ngot ${signal}\ncleaned up\n`, stderr: '' });
    expect(Date.now() - before).toBeLessThan(1000);
  });

  it('exits at once at the second signal', async () => {
    const { child, ended, saw } = await startWatching('() => { console.log("first"); return new Promise(() => {}); }');
    child.kill('SIGINT');
    await saw('first');
    const before = Date.now();
    child.kill('SIGINT');
    expect((await ended).code).toBe(130);
    expect(Date.now() - before).toBeLessThan(500);
  });

  it('tells what came, and leaves signals alone once stopped', async () => {
    const script = await source.write(
      'stop.js',
      `import { onInterrupt } from './cli/signals.js';
       const watch = onInterrupt(() => { console.log('seen ' + watch.signal); });
       console.log('before ' + watch.signal);
       const stopped = onInterrupt(() => console.log('wrong'));
       stopped.stop();
       setInterval(() => {}, 1000);
       console.log('ready');`,
    );
    const started = start(process.execPath, [script]);
    await started.saw('ready');
    started.child.kill('SIGTERM');
    expect((await started.ended).stdout).toBe('before undefined\nready\nseen SIGTERM\n');
  });
});

describe('ignoreClosedPipe', () => {
  const PRINTER = `import { ignoreClosedPipe } from './cli/signals.js';
    process.on('exit', (code) => process.stderr.write('cleaned up ' + code));
    ignoreClosedPipe(process.stdout);
    const print = () => { process.stdout.write('line\\n'.repeat(1000)); setImmediate(print); };
    print();`;

  it('ends an endless printer behind head with exit code 0 and cleans up', async () => {
    const script = await source.write('print.js', PRINTER);
    const command = `"${process.execPath}" "${script}" | head -n 2; echo "\${PIPESTATUS[0]}"`;
    const end = await start('bash', ['-c', command]).ended;
    expect(end.stdout).toBe('line\nline\n0\n');
    expect(end.stderr).toBe('cleaned up 0');
  });

  it('goes on where only messages have lost their reader', async () => {
    const script = await source.write(
      'warn.js',
      `import { ignoreClosedPipe } from './cli/signals.js';
       ignoreClosedPipe(process.stderr, () => undefined);
       let count = 0;
       const warn = () => {
         process.stderr.write('warning\\n'.repeat(10000));
         if ((count += 1) < 50) setTimeout(warn, 5); else console.log('answer');
       };
       warn();`,
    );
    const end = await start('bash', ['-c', `"${process.execPath}" "${script}" 2> >(head -n 1 >/dev/null)`]).ended;
    expect(end.stdout).toBe('answer\n');
    expect(end.code).toBe(0);
  });
});
