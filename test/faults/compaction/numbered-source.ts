import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';

/** A record's number, which no other record has. */
export type RecordNumber = number;

/** The bytes of an object of a source, with the records in them. */
export interface NumberedBody {
  readonly key: string;
  readonly bytes: Buffer;
  readonly numbers: readonly RecordNumber[];
}

/** What a record's row must look like, whoever reads it: every value follows from the number. */
export interface NumberedRow {
  readonly timestamp: string;
  readonly operation: string;
  readonly status: number;
  readonly request: string;
  /** A value under a key that no column is for. */
  readonly tag: object;
}

/** Bodies of which each record carries a number of its own, so that a lost one and a doubled one show. */
export class NumberedSource {
  /** Every body that was made, by the hash of its bytes. */
  readonly bodies = new Map<string, NumberedBody>();
  #next = 0;

  /** A new body for a key: packed where the key says so. */
  make(key: string, records: number): NumberedBody {
    const numbers = Array.from({ length: records }, () => ++this.#next);
    const text = numbers.map((number) => `${JSON.stringify(recordOf(number))}\n`).join('');
    const bytes = key.endsWith('.gz') ? gzipSync(text) : Buffer.from(text);
    const body = { key, bytes, numbers };
    this.bodies.set(hashOf(bytes), body);
    return body;
  }

  /** The same length with other records: what only a version tells apart. */
  makeLike({ key, bytes, numbers }: NumberedBody): NumberedBody {
    const other = this.make(key, numbers.length);
    if (other.bytes.length !== bytes.length) throw new Error('the numbers have other lengths');
    return other;
  }
}

export function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** What a record is read as. */
export function rowOf(number: RecordNumber): NumberedRow {
  const { timestamp, operation, status_code: status, request, tag } = recordOf(number);
  return { timestamp: timestamp.replace('T', ' '), operation, status, request, tag };
}

/** The number of a record, by its request; 0 for none of these. */
export function numberOf(request: string): RecordNumber {
  return Number(/"Number":"(\d+)"/.exec(request)?.[1] ?? 0);
}

/** A call with a key that no format knows. All are of the same length. */
function recordOf(number: RecordNumber) {
  const digits = String(number).padStart(6, '0');
  const second = String(number % 60).padStart(2, '0');
  return {
    timestamp: `2026-03-01T06:30:${second}`,
    session_id: `session-${number % 5}`,
    service: number % 3 === 0 ? 'sqs' : 'sns',
    operation: `Call${digits}`,
    region: 'eu-west-1',
    status_code: number % 7 === 0 ? 404 : 200,
    request: `{"Number":"${digits}"}`,
    tag: { digits },
  };
}
