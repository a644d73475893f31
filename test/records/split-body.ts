import { isUtf8 } from 'node:buffer';
import { BrokenContainer } from '../../src/records/broken-container.js';
import { JsonScanner } from '../../src/records/json-scanner.js';
import { ShapeTree } from '../../src/records/record-shapes.js';
import { RecordSplitter } from '../../src/records/split-records.js';
import type { ByteSpan } from '../../src/records/value-sink.js';

/** What a body came to: each value and each piece that was put aside, with its place in the body. */
export interface SplitBody {
  readonly values: Piece[];
  readonly bad: (Piece & { readonly reason: string })[];
  /** The reason for which the whole body failed. */
  broken: string | undefined;
}

export interface Piece {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Splits a body that comes in the given chunks. As in the record reader, a value that is not UTF-8 or has bare dashes is bad. */
export function splitChunks(chunks: readonly Uint8Array[]): SplitBody {
  const scanner = new JsonScanner(new ShapeTree());
  const found: SplitBody = { values: [], bad: [], broken: undefined };
  const bad = (span: ByteSpan, reason: string): void => void found.bad.push({ ...pieceOf(span), reason });
  const splitter = new RecordSplitter(scanner, {
    bad,
    value(span) {
      if (!isUtf8(span.bytes.subarray(span.start, span.end))) bad(span, 'not UTF-8 text');
      else if (scanner.dashes > 0) bad(span, 'a bare dash');
      else found.values.push(pieceOf(span));
    },
  });
  try {
    for (const chunk of chunks) splitter.push(chunk, false);
    splitter.push(new Uint8Array(0), true);
  } catch (error) {
    if (!(error instanceof BrokenContainer)) throw error;
    found.broken = error.message;
  }
  return found;
}

/** Splits a body that comes in one piece, or in chunks of so many bytes. */
export function splitBody(body: Uint8Array | string, chunkBytes = Number.MAX_SAFE_INTEGER): SplitBody {
  return splitChunks(cutIntoChunks(typeof body === 'string' ? Buffer.from(body) : body, chunkBytes));
}

/** The body in chunks of so many bytes, each in memory of its own. */
export function cutIntoChunks(body: Uint8Array, chunkBytes: number): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < body.length; at += chunkBytes) chunks.push(new Uint8Array(body.subarray(at, at + chunkBytes)));
  return chunks;
}

/** Each value as text, in order. */
export function textsOf({ values }: SplitBody): string[] {
  return values.map(({ text }) => text);
}

function pieceOf({ bytes, start, end, offset }: ByteSpan): Piece {
  return { start: offset, end: offset + end - start, text: Buffer.from(bytes.subarray(start, end)).toString('latin1') };
}
