import type { ByteSpan } from './split-records.js';

/** A format of plain text lines. */
export interface LineFormat {
  /** Whether the line is one of the format's. */
  fits(line: string): boolean;
  /** Takes a line that fits. */
  take(line: string, span: ByteSpan): void;
}

/** Told of what is no line of the format. */
interface LineSink {
  bad(span: ByteSpan, reason: string): void;
}

const NEWLINE = 0x0a;
/** A line longer than this is put aside. S3 keeps keys and headers far below it. */
const MAX_LINE_BYTES = 1024 * 1024;

/**
 * If the body's first line is of one of the formats, gives what takes the body's chunks line by line; otherwise undefined.
 */
export function splitLines(
  head: Uint8Array,
  formats: readonly LineFormat[],
  sink: LineSink,
): ((chunk: Uint8Array, last: boolean) => void) | undefined {
  const line = firstLine(head);
  const format = line === '' ? undefined : formats.find((candidate) => candidate.fits(line));
  if (format === undefined) return undefined;
  let pending: Uint8Array = new Uint8Array(0);
  let base = 0;
  return (chunk, last) => {
    const bytes = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    const consumed = takeLines({ bytes, base, last }, format, sink);
    base += consumed;
    pending = bytes.subarray(consumed);
  };
}

interface Chunk {
  readonly bytes: Uint8Array;
  readonly base: number;
  readonly last: boolean;
}

function takeLines({ bytes, base, last }: Chunk, format: LineFormat, sink: LineSink): number {
  let start = 0;
  while (start < bytes.length) {
    const newline = bytes.indexOf(NEWLINE, start);
    const end = newline < 0 ? bytes.length : newline;
    if (newline < 0 && !last && end - start <= MAX_LINE_BYTES) break;
    const span = { bytes, start, end, offset: base + start };
    const line = textOf(bytes, start, end);
    if (end - start > MAX_LINE_BYTES) sink.bad(span, 'a line is longer than 1 MB');
    else if (line !== '' && format.fits(line)) format.take(line, span);
    else if (line !== '') sink.bad(span, 'not a line of its format');
    start = end + 1;
  }
  return Math.min(start, bytes.length);
}

function firstLine(head: Uint8Array): string {
  const newline = head.subarray(0, MAX_LINE_BYTES).indexOf(NEWLINE);
  return newline < 0 && head.length > MAX_LINE_BYTES ? '' : textOf(head, 0, newline < 0 ? head.length : newline);
}

function textOf(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start)
    .toString('utf8')
    .replace(/\r$/, '')
    .trim();
}
