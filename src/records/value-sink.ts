import type { RecordRun, TakenRun } from './record-kernel.js';

/** Takes what a splitter finds. Positions are in `bytes`; `offset` is where `bytes[start]` lies in the whole body. */
export interface ValueSink {
  /** One JSON value that keeps the grammar; the scanner's notes are about it. */
  value(span: ByteSpan): void;
  /** Records that can be taken many at once; undefined where there are none at the start. */
  run?(run: RecordRun): TakenRun | undefined;
  /** Bytes that are no JSON value. */
  bad(span: ByteSpan, reason: string): void;
}

export interface ByteSpan {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  readonly offset: number;
}
