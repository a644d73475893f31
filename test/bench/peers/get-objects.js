// The same objects by hand: `node get-objects.js s3://BUCKET/`. What a person who knows the SDK would write: list, one
// GetObject for each at 64 at once, unpack, count the lines. Access is what the environment says.
import { Agent } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { GetObjectCommand, paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3';

const IN_FLIGHT = 64;
const Bucket = new URL(process.argv[2]).host;
const httpAgent = new Agent({ keepAlive: true, maxSockets: IN_FLIGHT });
const client = new S3Client({ forcePathStyle: true, requestHandler: { httpAgent } });
const keys = [];
for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket }))
  keys.push(...Contents.map(({ Key }) => Key));

const total = { objects: 0, bytes: 0, calls: 0 };
await Promise.all(Array.from({ length: IN_FLIGHT }, readObjects));
client.destroy();
console.log(JSON.stringify(total));

async function readObjects() {
  for (let Key = keys.pop(); Key !== undefined; Key = keys.pop()) {
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
    const bytes = await Body.transformToByteArray();
    const text = gunzipSync(bytes).toString('utf8');
    total.objects += 1;
    total.bytes += bytes.length;
    total.calls += text.split('\n').length - 1;
  }
}
