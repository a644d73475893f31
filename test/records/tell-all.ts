import { BrokenContainer } from '../../src/records/broken-container.js';
import { decodeBody } from '../../src/records/decode-body.js';
import { readRecords, type BodyListener, type Recognition } from '../../src/records/read-records.js';
import { ShapeTree } from '../../src/records/record-shapes.js';
import type { LineFormat } from '../../src/records/split-lines.js';
import type { ByteSpan } from '../../src/records/value-sink.js';
import { cutIntoChunks } from './split-body.js';

/** One thing that a listener was told, with the bytes that it was about. */
export interface Told {
  readonly kind: 'record' | 'line' | 'quarantined' | 'unrecognised' | 'passed over' | 'repaired';
  readonly text: string;
  readonly start: number;
  readonly reason: string;
}

export interface TellOptions {
  readonly chunkBytes?: number;
  /** What records with these keys are; all are records of one format where absent. */
  readonly recognise?: (keys: readonly string[]) => 'target' | 'takes dashes' | 'decoy' | 'unknown';
  readonly fitsLine?: (line: string) => boolean;
}

/** Everything that is told of a body, packed or not, and the reason for which it failed as a whole, if it did. */
export async function tellAll(
  body: Uint8Array | string,
  options: TellOptions = {},
): Promise<{ told: Told[]; broken: string | undefined }> {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const told: Told[] = [];
  const chunks = cutIntoChunks(bytes, options.chunkBytes ?? Number.MAX_SAFE_INTEGER);
  try {
    await readRecords(decodeBody(each(chunks)), new ShapeTree(), newListener(told, options));
    return { told, broken: undefined };
  } catch (error) {
    if (!(error instanceof BrokenContainer)) throw error;
    return { told, broken: error.message };
  }
}

/** The texts of what was told in one way. */
export function textsTold(told: readonly Told[], kind: Told['kind']): string[] {
  return told.filter((one) => one.kind === kind).map(({ text }) => text);
}

export async function* each(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array, void, void> {
  yield* chunks;
}

function newListener(told: Told[], { recognise = () => 'target', fitsLine }: TellOptions): BodyListener {
  const tell = (kind: Told['kind'], span?: ByteSpan, reason = ''): void => {
    const text = span === undefined ? '' : Buffer.from(span.bytes.subarray(span.start, span.end)).toString('utf8');
    told.push({ kind, text, start: span?.offset ?? -1, reason });
  };
  const recognition = (keys: readonly string[]): Recognition => {
    const kind = recognise(keys);
    if (kind === 'decoy') return { kind, reason: 'a decoy' };
    if (kind === 'unknown') return { kind };
    const takesDashes = kind === 'takes dashes';
    return { kind: 'target', target: { takesDashes, record: (_scanner, span) => tell('record', span) } };
  };
  const lines: LineFormat = { fits: fitsLine ?? (() => false), take: (_line, span) => tell('line', span) };
  return {
    recognise: recognition,
    quarantined: (span, reason) => tell('quarantined', span, reason),
    unrecognised: (span) => tell('unrecognised', span),
    passedOver: (reason) => tell('passed over', undefined, reason),
    repaired: () => tell('repaired'),
    lineFormats: [lines],
  };
}
