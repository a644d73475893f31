import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, describe, expect, test } from 'vitest';
import { REAL_SERVERS, type RealServerName, startRealServer } from './real-servers.js';

const HERE = dirname(fileURLToPath(import.meta.url));
const temporary = mkdtempSync(join(tmpdir(), 'awsusage-test-'));
afterAll(() => rmSync(temporary, { recursive: true, force: true }));

describe.each(REAL_SERVERS)('%s', (name) => {
  test('keeps an object, and is gone when it is stopped', async () => {
    const server = await startRealServer(name);
    const client = new S3Client({ ...server, forcePathStyle: true });
    await client.send(new CreateBucketCommand({ Bucket: 'logs' }));
    await client.send(new PutObjectCommand({ Bucket: 'logs', Key: 'a/b.json', Body: '{}' }));
    const { Body } = await client.send(new GetObjectCommand({ Bucket: 'logs', Key: 'a/b.json' }));
    expect(await Body?.transformToString()).toBe('{}');
    client.destroy();
    await server.stop();
    expect(await answers(server.endpoint)).toBe(false);
  });

  test('two of them have nothing in common', async () => {
    const servers = await Promise.all([startRealServer(name), startRealServer(name)]);
    expect(new Set(servers.map(({ endpoint }) => endpoint)).size).toBe(2);
    await Promise.all(servers.map((server) => server.stop()));
  });

  test.each(['SIGKILL', 'SIGINT'] as const)('is gone when who started it ends by %s', async (signal) => {
    const folders = newFolders(name);
    const parent = spawn(process.execPath, ['-e', START_AND_WAIT, join(HERE, 'keep-server.js'), name]);
    const [line] = (await once(createInterface(parent.stdout), 'line')) as [string];
    const { endpoint } = JSON.parse(line) as { endpoint: string };
    expect(await answers(endpoint)).toBe(true);
    expect(folders()).toHaveLength(1);
    parent.kill(signal);
    await becomes(false, () => answers(endpoint));
    await becomes(0, () => folders().length);
  });

  test('is missed, with the command that installs it', () => {
    const { status, stderr } = runAlone('keep-server.js', name);
    expect(status).toBe(1);
    expect(stderr).toMatch(
      new RegExp(`^${name} v?[\\d.]+ is missing: .* \`npm run test:servers:setup\` installs it\\.\\n$`),
    );
  });
});

test('the set-up says which installers are missing', () => {
  const { status, stderr } = runAlone('set-up-servers.js');
  expect(status).toBe(1);
  expect(stderr).toMatch(/^versitygw needs go, .*\nministack needs python3, .*\n$/);
});

/** A program that starts another one as tests do, passes on what it says, and never ends by itself. */
const START_AND_WAIT = `
  const [program, name] = process.argv.slice(1);
  require('node:child_process').spawn(process.execPath, [program, name], { stdio: ['pipe', 'inherit', 'inherit'] });
  setInterval(() => undefined, 1000);`;

/** The folders of servers of that name made since the call. */
function newFolders(name: RealServerName): () => readonly string[] {
  const list = (): readonly string[] => readdirSync(tmpdir()).filter((entry) => entry.startsWith(`awsusage-${name}-`));
  const before = list();
  return () => list().filter((entry) => !before.includes(entry));
}

async function becomes<T>(expected: T, look: () => T | Promise<T>): Promise<void> {
  for (let tries = 0; tries < 100 && (await look()) !== expected; tries += 1) await wait(50);
  expect(await look()).toBe(expected);
}

function answers(endpoint: string): Promise<boolean> {
  return fetch(endpoint).then(
    () => true,
    () => false,
  );
}

/** Runs a program of this folder in a checkout that has no servers, with nothing on PATH. */
function runAlone(program: string, ...args: readonly string[]) {
  const folder = join(temporary, 'test', 'servers');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(temporary, 'package.json'), '{"type": "module"}');
  for (const file of readdirSync(HERE).filter((entry) => entry.endsWith('.js')))
    copyFileSync(join(HERE, file), join(folder, file));
  const options = { encoding: 'utf8', env: { PATH: '' } } as const;
  return spawnSync(process.execPath, [join(folder, program), ...args], options);
}
