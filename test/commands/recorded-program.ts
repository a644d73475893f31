import { randomUUID } from 'node:crypto';
import {
  CreateBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { apiCall } from './made-calls.js';

export interface Emulator {
  readonly endpoint: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** How often each object is written, and in which order things are done: what a run chooses by itself. */
export interface RunOptions {
  readonly random: () => number;
  /** Talks to SQS, DynamoDB and KMS too, which not every emulator has. */
  readonly hasJsonServices: boolean;
}

type Recorded = Readonly<Record<string, unknown>>;

/**
 * A program that works at an emulator, with new ids, times and names each time and in another order, and records each of its
 * calls, as a recorder at a gateway does.
 * @returns the records, as lines in the order in which the calls ended
 */
export async function runRecordedProgram(emulator: Emulator, options: RunOptions): Promise<readonly string[]> {
  const calls: string[] = [];
  const session = randomUUID();
  const record = (call: Recorded): void => {
    const timestamp = new Date().toISOString().replace('Z', '');
    calls.push(apiCall({ timestamp, session_id: session, event_id: randomUUID(), region: 'us-east-1', ...call }));
  };
  await useBuckets(emulator, options, record);
  if (options.hasJsonServices) await useJsonServices(emulator, options, record);
  return calls;
}

async function useBuckets(emulator: Emulator, { random }: RunOptions, record: (call: Recorded) => void): Promise<void> {
  const client = new S3Client({ ...emulator, region: 'us-east-1', forcePathStyle: true, maxAttempts: 1 });
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        const input = Object.fromEntries(Object.entries(args.input).filter(([name]) => name !== 'Body'));
        const about = { operation: commandName.replace(/Command$/, ''), request: JSON.stringify(input) };
        try {
          const result = await next(args);
          record({ ...about, status_code: 200 });
          return result;
        } catch (error) {
          const { name, $metadata } = error as { name: string; $metadata?: { httpStatusCode?: number } };
          record({ ...about, status_code: $metadata?.httpStatusCode ?? 500, err_type: name });
          throw error;
        }
      },
    { step: 'initialize' },
  );
  const Bucket = `shop-${randomUUID()}`;
  await client.send(new CreateBucketCommand({ Bucket }));
  const day = new Date(Date.UTC(2026, Math.floor(random() * 12), 1 + Math.floor(random() * 28)));
  const keys = [`orders/${day.toISOString()}/${randomUUID()}.json`, `epoch/${day.getTime()}`, 'plain.txt'];
  const steps = [
    ...keys.flatMap((Key) =>
      Array.from({ length: 1 + Math.floor(random() * 3) }, () => new PutObjectCommand({ Bucket, Key, Body: 'x' })),
    ),
    new GetObjectCommand({ Bucket, Key: `missing/${randomUUID()}` }),
    new HeadObjectCommand({ Bucket, Key: 'missing' }),
    new ListObjectsV2Command({ Bucket }),
  ];
  await Promise.all(
    shuffled(steps, random).map((step) => client.send(step as PutObjectCommand).catch(() => undefined)),
  );
  client.destroy();
}

/** The ids in these requests are those that the emulator has answered with. */
async function useJsonServices(
  { endpoint }: Emulator,
  { random }: RunOptions,
  record: (call: Recorded) => void,
): Promise<void> {
  const call = async (service: string, target: string, request: Recorded): Promise<Recorded> => {
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': target,
        authorization: `AWS4-HMAC-SHA256 Credential=test/20261001/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0`,
      },
      body: JSON.stringify(request),
    });
    const text = await response.text();
    const answer = JSON.parse(text === '' ? '{}' : text) as Recorded;
    const failure = response.ok ? {} : { err_type: String(answer['__type']).replace(/^.*#/, '') };
    const operation = target.replace(/^.*\./, '');
    record({ service, operation, request: JSON.stringify(request), status_code: response.status, ...failure });
    return answer;
  };
  const useQueue = async (): Promise<void> => {
    const QueueName = `orders-${randomUUID()}`;
    const { QueueUrl } = await call('sqs', 'AmazonSQS.CreateQueue', { QueueName });
    for (let sent = 0; sent <= random() * 3; sent++)
      await call('sqs', 'AmazonSQS.SendMessage', { QueueUrl, MessageBody: randomUUID() });
  };
  const useTable = async (): Promise<void> => {
    const request = { TableName: `stock-${randomUUID()}`, BillingMode: 'PAY_PER_REQUEST' };
    const keys = {
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    };
    await call('dynamodb', 'DynamoDB_20120810.CreateTable', { ...request, ...keys });
    const { TableName } = request;
    await call('dynamodb', 'DynamoDB_20120810.GetItem', { TableName, Key: { id: { S: randomUUID() } } });
    await call('dynamodb', 'DynamoDB_20120810.GetItem', { TableName: `gone-${randomUUID()}`, Key: { id: { S: 'x' } } });
  };
  const useKey = async (): Promise<void> => {
    const { KeyMetadata } = await call('kms', 'TrentService.CreateKey', {});
    const { KeyId, Arn } = KeyMetadata as { KeyId: string; Arn: string };
    await call('kms', 'TrentService.DescribeKey', { KeyId });
    await call('kms', 'TrentService.DescribeKey', { KeyId: Arn });
  };
  await Promise.all(shuffled([useQueue, useTable, useKey], random).map((use) => use()));
}

function shuffled<T>(items: readonly T[], random: () => number): readonly T[] {
  return items
    .map((item) => ({ item, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}
