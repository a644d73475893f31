import { createHash } from 'node:crypto';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { state as sdkState } from '@aws-sdk/core/client';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { UserError } from '../errors.js';
import { limitsOf, type S3Access } from '../storage/s3-access.js';
import { openAgents, type S3Agents } from '../storage/s3-agents.js';
import { SILENT_LOGGER } from '../storage/s3-silent-logger.js';
import type { SnsTopic } from './sns-topic.js';

export interface SnsMessage {
  /** At most 100 characters of ASCII, none of them a control character. */
  readonly subject: string;
  /** At most 256 KiB. */
  readonly text: string;
}

/** Further attempts after a fault that may pass. A message may be sent twice where an answer is lost. */
const ATTEMPTS = 3;

/**
 * Sends one message to a topic.
 * @param access the endpoint, the profile and the limits; the region is the topic's
 * @throws UserError when it was not sent, or nobody knows whether it was
 */
export async function publishToSns(topic: SnsTopic, message: SnsMessage, access: S3Access): Promise<void> {
  const limits = limitsOf(access);
  const agents = openAgents(access, limits);
  const client = makeClient(topic, access, agents);
  const { arn, isFifo } = topic;
  const { subject, text } = message;
  const once = createHash('sha256').update(`${subject}\n${text}`).digest('hex');
  const ordered = isFifo ? { MessageGroupId: 'awsusage', MessageDeduplicationId: once } : {};
  try {
    await client.send(new PublishCommand({ TopicArn: arn, Subject: subject, Message: text, ...ordered }));
  } catch (error) {
    throw new UserError(`Cannot publish to ${arn}: ${reasonOf(error)}`, {
      wayOut: wayOutOf(error),
      exitCode: 'incomplete',
      cause: error,
    });
  } finally {
    client.destroy();
    agents.http.destroy();
    agents.https.destroy();
  }
}

function makeClient({ region }: SnsTopic, access: S3Access, agents: S3Agents): SNSClient {
  // Which versions of Node this program runs on is said by its own package.
  sdkState.warningEmitted = true;
  const { endpointUrl, profile } = access;
  const { connectTimeoutMs, readTimeoutMs } = limitsOf(access);
  return new SNSClient({
    region,
    maxAttempts: ATTEMPTS,
    customUserAgent: 'awsusage',
    logger: SILENT_LOGGER,
    requestHandler: new NodeHttpHandler({
      httpAgent: agents.http,
      httpsAgent: agents.https,
      connectionTimeout: connectTimeoutMs,
      requestTimeout: readTimeoutMs,
      throwOnRequestTimeout: true,
      socketTimeout: readTimeoutMs,
      logger: SILENT_LOGGER,
    }),
    ...(endpointUrl === undefined ? {} : { endpoint: endpointUrl }),
    ...(profile === undefined ? {} : { profile }),
  });
}

/** Servers say more than is good to show: the first line, and not much of it. */
function reasonOf(error: unknown): string {
  const { name, code, message } = error as { name?: unknown; code?: unknown; message?: unknown };
  const what = [code, name].find((one) => typeof one === 'string' && one !== '' && one !== 'Error');
  const [said = ''] = (typeof message === 'string' ? message : '').split('\n');
  return [what, said.slice(0, 300)].filter((part) => part !== undefined && part !== '').join(': ');
}

function wayOutOf(error: unknown): readonly string[] {
  const { name } = error as { name?: unknown };
  if (name === 'CredentialsProviderError')
    return ['Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give a --profile.'];
  if (name === 'AuthorizationErrorException' || name === 'AuthorizationError')
    return ['The credentials need sns:Publish on the topic.'];
  return [];
}
