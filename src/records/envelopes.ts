/** How the record lies in its envelope: as an object, as JSON text in a string, or as a base64 body of any number of records. */
export type Wrapping = 'object' | 'text' | 'base64';

export interface Envelope {
  readonly field: string;
  readonly wrapping: Wrapping;
}

interface EnvelopeRule extends Envelope {
  /** Top-level keys that the envelope has, besides `field`. */
  readonly all: readonly string[];
  /** At least one of these too, where given. */
  readonly any?: readonly string[];
  /** No other keys than these, `field` and `all`, where given. */
  readonly only?: readonly string[];
}

/**
 * Envelopes around a single record, by their keys: `aws cloudtrail lookup-events`, EventBridge, SNS, a CloudWatch Logs event,
 * Firehose's record of a failed delivery (AWS user guides of each), and the nesting of log shippers.
 */
const RULES: readonly EnvelopeRule[] = [
  { field: 'CloudTrailEvent', wrapping: 'text', all: [] },
  { field: 'detail', wrapping: 'object', all: ['detail-type'] },
  { field: 'Message', wrapping: 'text', all: ['Type'], any: ['TopicArn', 'MessageId'] },
  {
    field: 'rawData',
    wrapping: 'base64',
    all: [],
    any: ['attemptsMade', 'arrivalTimestamp', 'attemptEndingTimestamp'],
  },
  { field: 'message', wrapping: 'text', all: ['id', 'timestamp'], only: ['extractedFields', 'ingestionTime'] },
  { field: 'cloudtrail', wrapping: 'object', all: [], only: [] },
];

/** Shippers put the event into `aws.cloudtrail` among keys of their own; looked at only when the outer record is unknown. */
const SHIPPER: Envelope = { field: 'aws', wrapping: 'object' };

/** Keys that stand beside a list of records in its envelope: those of `lookup-events`, its SDK, and CloudWatch Logs. */
const LIST_KEYS: ReadonlySet<string> = new Set([
  'Records',
  'Events',
  'NextToken',
  'ResponseMetadata',
  'logEvents',
  'messageType',
  'owner',
  'logGroup',
  'logStream',
  'subscriptionFilters',
]);

/** Whether the key says nothing of its own about a record: it belongs to an envelope around a list. */
export function isEnvelopeKey(key: string): boolean {
  return LIST_KEYS.has(key);
}

/** The envelope that a record with these top-level keys is, if it is one for certain. */
export function findEnvelope(keys: readonly string[]): Envelope | undefined {
  return RULES.find((rule) => fits(rule, keys));
}

/** The envelope that a record of no known format may be. */
export function findShipperEnvelope(keys: readonly string[]): Envelope | undefined {
  return keys.includes(SHIPPER.field) ? SHIPPER : undefined;
}

function fits(rule: EnvelopeRule, keys: readonly string[]): boolean {
  const { field, all, any, only } = rule;
  if (!keys.includes(field) || !all.every((key) => keys.includes(key))) return false;
  if (any !== undefined && !any.some((key) => keys.includes(key))) return false;
  return only === undefined || keys.every((key) => key === field || all.includes(key) || only.includes(key));
}
