import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { tempFolder } from '../storage/temp-folder.js';
import { startTestS3 } from './s3-server.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PROBE_NAME = '../shared/tools/s3-probe.mjs';
const PROBE = join(ROOT, PROBE_NAME);
const NEEDED = ['@aws-sdk/client-s3', '@aws-sdk/s3-request-presigner', '@smithy/node-http-handler'];
const CHECKS = 79;

const missing = [...(existsSync(PROBE) ? [] : [PROBE_NAME]), ...NEEDED.filter((name) => !resolves(name))];

test.skipIf(missing.length > 0)(
  `passes every check of the S3 probe${missing.length > 0 ? ` (not found: ${missing.join(', ')})` : ''}`,
  async () => {
    const s3 = await startTestS3();
    const lines = (await runProbe(s3)).split('\n');
    await s3.close();
    expect(lines.filter((line) => line.startsWith('FAIL'))).toEqual([]);
    expect(lines.filter((line) => line.startsWith('PASS'))).toHaveLength(CHECKS);
  },
  300_000,
);

/** The probe finds its packages in a node_modules beside it. Its throughput checks run with fewer objects than by hand. */
async function runProbe({ endpoint, credentials }: Awaited<ReturnType<typeof startTestS3>>): Promise<string> {
  const folder = tempFolder();
  copyFileSync(PROBE, join(folder, 's3-probe.mjs'));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const { accessKeyId, secretAccessKey } = credentials;
  const child = spawn(process.execPath, ['s3-probe.mjs', 'in-process', endpoint, accessKeyId, secretAccessKey], {
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: folder, N: '1000', NODE_NO_WARNINGS: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await new Promise((resolve) => child.once('close', resolve));
  return output;
}

function resolves(name: string): boolean {
  try {
    createRequire(import.meta.url).resolve(name);
    return true;
  } catch {
    return false;
  }
}
