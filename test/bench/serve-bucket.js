import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { ProgramFailed } from './measure.js';

const KEEP_SERVER = fileURLToPath(new URL('../servers/keep-server.js', import.meta.url));
const IN_FLIGHT = 32;
/** The SDK would say at every start that it will leave Node 20. */
const NO_WARNING = { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' };

/**
 * One versitygw for all rows, started when a bucket is first wanted. `bucketOf(data)` gives {source: `s3://…/`, env: the
 * variables by which the AWS SDK reaches it, add(path, keys)} of a bucket that holds the files of the data; each is filled once.
 * A server that is missing is a ProgramFailed that says how to get it.
 */
export function openBuckets(say) {
  const buckets = new Map();
  let server;
  return {
    bucketOf({ path, plan: { name } }) {
      server ??= startServer();
      if (!buckets.has(name)) buckets.set(name, fillBucket(server, { path, name, say }));
      return buckets.get(name);
    },
    async stop() {
      const started = await server?.catch(() => undefined);
      await started?.stop();
    },
  };
}

async function startServer() {
  const keeper = spawn(process.execPath, [KEEP_SERVER, 'versitygw'], { stdio: ['pipe', 'pipe', 'pipe'] });
  const stop = () => stopKeeper(keeper);
  try {
    return { ...(await readStart(keeper)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function fillBucket(server, { path, name, say }) {
  const { endpoint, region, credentials } = await server;
  say(`filling a bucket with ${name}`);
  Object.assign(process.env, NO_WARNING);
  const { CreateBucketCommand, S3Client } = await import('@aws-sdk/client-s3');
  const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  await client.send(new CreateBucketCommand({ Bucket: name }));
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const add = (folder, keys) => uploadFiles(client, { Bucket: name, folder, keys });
  await add(
    path,
    files.map((file) => relative(path, file).split(sep).join('/')),
  );
  const env = {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    ...NO_WARNING,
  };
  return { source: `s3://${name}/`, env, add };
}

async function uploadFiles(client, { Bucket, folder, keys }) {
  const { PutObjectCommand } = await import('@aws-sdk/client-s3');
  const left = [...keys];
  const upload = async () => {
    for (let Key = left.pop(); Key !== undefined; Key = left.pop()) {
      await client.send(new PutObjectCommand({ Bucket, Key, Body: await readFile(join(folder, Key)) }));
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, upload));
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
