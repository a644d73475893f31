import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { ProgramFailed } from './measure.js';

const KEEP_SERVER = fileURLToPath(new URL('../servers/keep-server.js', import.meta.url));
const BUCKET = 'bench-logs';
const IN_FLIGHT = 32;
/** The SDK would say at every start that it will leave Node 20. */
const NO_WARNING = { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' };

/**
 * Starts versitygw with one bucket that holds the files below `path`, and gives {source: `s3://…/`, env: the variables by
 * which the AWS SDK reaches it, stop()}. A server that is missing is a ProgramFailed that says how to get it.
 */
export async function serveBucket(path) {
  const keeper = spawn(process.execPath, [KEEP_SERVER, 'versitygw'], { stdio: ['pipe', 'pipe', 'pipe'] });
  const stop = () => stopKeeper(keeper);
  try {
    const { endpoint, region, credentials } = await readStart(keeper);
    const env = {
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      ...NO_WARNING,
    };
    await uploadFolder(path, { endpoint, region, credentials });
    return { source: `s3://${BUCKET}/`, env, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function readStart(keeper) {
  let errors = '';
  keeper.stderr.on('data', (chunk) => (errors += chunk));
  const line = await Promise.race([once(createInterface(keeper.stdout), 'line'), once(keeper, 'close')]);
  if (typeof line[0] !== 'string') throw new ProgramFailed(errors.trim());
  return JSON.parse(line[0]);
}

async function stopKeeper(keeper) {
  if (keeper.exitCode !== null || keeper.signalCode !== null) return;
  keeper.stdin.end();
  await once(keeper, 'exit');
}

async function uploadFolder(path, access) {
  Object.assign(process.env, NO_WARNING);
  const { CreateBucketCommand, PutObjectCommand, S3Client } = await import('@aws-sdk/client-s3');
  const client = new S3Client({ ...access, forcePathStyle: true });
  await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const upload = async () => {
    for (let file = files.pop(); file !== undefined; file = files.pop()) {
      const Key = relative(path, file).split(sep).join('/');
      await client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: await readFile(file) }));
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, upload));
  client.destroy();
}
