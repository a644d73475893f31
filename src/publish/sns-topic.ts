import { UserError } from '../errors.js';

export interface SnsTopic {
  readonly arn: string;
  readonly region: string;
  /** Keeps its messages in order and drops repeated ones. */
  readonly isFifo: boolean;
}

const TOPIC = /^(?:sns:)?(arn:aws[a-z-]*:sns:([a-z0-9-]+):\d{12}:[A-Za-z0-9_-]{1,256}(\.fifo)?)$/;

/**
 * Reads `sns:arn:aws:sns:REGION:ACCOUNT:NAME`, or the ARN alone.
 * @throws UserError for anything else
 */
export function parseTopic(text: string): SnsTopic {
  const [, arn, region, fifo] = TOPIC.exec(text) ?? [];
  if (arn === undefined || region === undefined)
    throw new UserError(`Cannot read ${JSON.stringify(text)} as an SNS topic`, {
      wayOut: 'Write it as sns:arn:aws:sns:eu-central-1:123456789012:reports.',
    });
  return { arn, region, isFifo: fifo !== undefined };
}
