// `node keep-server.js NAME`: runs an S3 server of another maker on a free loopback port with an empty folder, prints
// {endpoint, region, credentials} as one line of JSON once it answers, and keeps it until standard input ends, so that it
// is stopped and its folder removed however the program ends that asked for it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { findServerProgram, SERVER_PROGRAMS } from './server-programs.js';

const START_LIMIT_MS = 30_000;
const STOP_LIMIT_MS = 5000;
/** Somebody else may take the free port first. */
const ATTEMPTS = 3;

const name = process.argv[2];
if (!Object.hasOwn(SERVER_PROGRAMS, name)) fail(`no such server: ${name}`);
const server = SERVER_PROGRAMS[name];
const program = findServerProgram(name);
if (program === undefined)
  fail(
    `${name} ${server.version} is missing: it is neither in .servers/ nor on PATH. \`npm run test:servers:setup\` installs it.`,
  );

const folder = mkdtempSync(join(tmpdir(), `awsusage-${name}-`));
const log = join(folder, 'log.txt');
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

const { child, port } = await startServer();
const stop = stopWhenAsked(child);
console.log(
  JSON.stringify({ endpoint: `http://127.0.0.1:${port}`, region: 'us-east-1', credentials: server.credentials }),
);
await stop;
process.exit(0);

async function startServer() {
  for (let attempt = 1; ; attempt += 1) {
    const port = await findFreePort();
    const child = spawnServer(port);
    if (await isHealthy(child, port)) return { child, port };
    await stopServer(child);
    if (attempt === ATTEMPTS) fail(`${program} does not start. It said:\n${readFileSync(log, 'utf8').slice(-2000)}`);
  }
}

async function findFreePort() {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address();
  listener.close();
  await once(listener, 'close');
  return port;
}

function spawnServer(port) {
  for (const part of server.folders) {
    rmSync(join(folder, part), { recursive: true, force: true });
    mkdirSync(join(folder, part));
  }
  const output = openSync(log, 'a');
  const child = spawn(program, server.args({ port, folder }), {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder, ...server.env({ port, folder }) },
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  child.once('error', () => undefined);
  return child;
}

async function isHealthy(child, port) {
  const deadline = Date.now() + START_LIMIT_MS;
  while (hasNotEnded(child) && Date.now() < deadline) {
    const answer = await fetch(`http://127.0.0.1:${port}${server.health}`).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer?.ok) return hasNotEnded(child);
    await wait(25);
  }
  return false;
}

function hasNotEnded(child) {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null;
}

/** Resolves when the server is stopped: at the end of standard input, at a signal, or because it ended by itself. */
async function stopWhenAsked(child) {
  process.stdin.resume();
  const asked = ['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => once(process, signal));
  await Promise.race([once(process.stdin, 'close'), once(child, 'exit'), ...asked]);
  await stopServer(child);
}

async function stopServer(child) {
  if (!hasNotEnded(child)) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await Promise.race([ended, wait(STOP_LIMIT_MS)]);
  child.kill('SIGKILL');
  await ended;
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
