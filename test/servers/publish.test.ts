import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PublishCommand, SNSClient, CreateTopicCommand, SubscribeCommand } from '@aws-sdk/client-sns';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { awsusage, BUCKET, newFolder } from '../commands/run-awsusage.js';
import { askQueue } from './ask-queue.js';
import { startRealServer, type RealServer } from './real-servers.js';

let server: RealServer;
let env: Record<string, string>;
let topic = '';
let queue = '';

beforeAll(async () => {
  server = await startRealServer('ministack');
  const { endpoint, region, credentials } = server;
  env = {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    // Signed links are held against the one secret that it knows; other signatures it does not look at.
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
  const sns = new SNSClient({ endpoint, region, credentials });
  topic = (await sns.send(new CreateTopicCommand({ Name: 'reports' }))).TopicArn ?? '';
  queue = (await askQueue(server, 'CreateQueue', { QueueName: 'readers' }))['QueueUrl'] as string;
  const { Attributes } = (await askQueue(server, 'GetQueueAttributes', {
    QueueUrl: queue,
    AttributeNames: ['QueueArn'],
  })) as { Attributes: { QueueArn: string } };
  await sns.send(new SubscribeCommand({ TopicArn: topic, Protocol: 'sqs', Endpoint: Attributes.QueueArn }));
  await fetch(`${endpoint}/reports`, { method: 'PUT' });
  sns.destroy();
});

afterAll(() => server.stop());

/** The messages that the queue has been handed by the topic. */
async function readQueue(): Promise<readonly { Subject: string; Message: string; TopicArn: string }[]> {
  const received = (await askQueue(server, 'ReceiveMessage', {
    QueueUrl: queue,
    MaxNumberOfMessages: 10,
    WaitTimeSeconds: 2,
  })) as { Messages?: { Body: string; ReceiptHandle: string }[] };
  const messages = received.Messages ?? [];
  for (const { ReceiptHandle } of messages) await askQueue(server, 'DeleteMessage', { QueueUrl: queue, ReceiptHandle });
  return messages.map(({ Body }) => JSON.parse(Body) as { Subject: string; Message: string; TopicArn: string });
}

describe('a published report', () => {
  test('reaches a queue that is subscribed to the topic, with a link that opens the report', async () => {
    const to = 's3://reports/usage/2026-10.html';
    const args = ['report', BUCKET, '--month', '2026-10', '--to', to, '--publish', `sns:${topic}`];
    const end = await awsusage([...args, '--link-expires', '1d'], { env });
    expect(end).toMatchObject({ code: 0, stdout: '' });
    const messages = await readQueue();
    expect(messages).toHaveLength(1);
    const [message] = messages;
    expect(message).toMatchObject({
      TopicArn: topic,
      Subject: 'AWS usage, October 2026 (UTC): 478 calls, 41 failed calls',
    });
    expect(message?.Message).toContain(`Report: ${to}\n`);
    const [, link = ''] = /^Link: (.*)$/m.exec(message?.Message ?? '') ?? [];
    expect(await (await fetch(link)).text()).toContain('<h1>AWS usage</h1>');
  });

  test('of which the topic is gone ends with exit code 3, and the report is kept', async () => {
    const file = join(newFolder(), 'r.html');
    const args = ['report', BUCKET, '--to', file, '--publish', `sns:${topic}-gone`];
    const end = await awsusage(args, { env });
    expect(end.code).toBe(3);
    expect(end.stderr).toContain(`The report is kept: ${file}`);
    expect(readFileSync(file, 'utf8')).toContain('</html>');
    expect(await readQueue()).toEqual([]);
  });
});

test('the queue gets what anybody publishes', async () => {
  const { endpoint, region, credentials } = server;
  const sns = new SNSClient({ endpoint, region, credentials });
  await sns.send(new PublishCommand({ TopicArn: topic, Subject: 's', Message: 'm' }));
  sns.destroy();
  expect(await readQueue()).toMatchObject([{ Subject: 's', Message: 'm' }]);
});
