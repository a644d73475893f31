import { isUtf8 } from 'node:buffer';
import type { ByteSpan } from './value-sink.js';

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
/** How many bytes, and lines in them, of a body are looked at to tell its format: the first line alone may be a damaged one. */
export const PROBE_BYTES = 64 * 1024;
const PROBE_LINES = 8;

/**
 * If one of the body's first lines is of one of the formats, gives what takes the body's chunks line by line; otherwise undefined.
 * @param head PROBE_BYTES of the body or more; fewer are all of it
 */
export function splitLines(
  head: Uint8Array,
  formats: readonly LineFormat[],
  sink: LineSink,
): ((chunk: Uint8Array, last: boolean) => void) | undefined {
  const lines = firstLines(head);
  const format = formats.find((candidate) => lines.some((line) => candidate.fits(line)));
  if (format === undefined) return undefined;
  const progress: Progress = { pending: new Uint8Array(0), base: 0, passingOver: false };
  return (chunk, last) => {
    const bytes = progress.pending.length === 0 ? chunk : Buffer.concat([progress.pending, chunk]);
    const consumed = takeLines({ bytes, last, progress }, format, sink);
    progress.base += consumed;
    progress.pending = bytes.subarray(consumed);
  };
}

interface Progress {
  pending: Uint8Array;
  /** Where the pending bytes lie in the body. */
  base: number;
  /** The line that goes on is too long and was put aside. */
  passingOver: boolean;
}

interface Chunk {
  readonly bytes: Uint8Array;
  readonly last: boolean;
  readonly progress: Progress;
}

function takeLines({ bytes, last, progress }: Chunk, format: LineFormat, sink: LineSink): number {
  let start = 0;
  while (start < bytes.length) {
    const newline = bytes.indexOf(NEWLINE, start);
    const end = newline < 0 ? bytes.length : newline;
    const goesOn = newline < 0 && !last;
    if (goesOn && !progress.passingOver && end - start <= MAX_LINE_BYTES) break;
    if (!progress.passingOver) takeLine({ bytes, start, end, offset: progress.base + start }, format, sink);
    progress.passingOver = goesOn;
    start = end + 1;
  }
  return Math.min(start, bytes.length);
}

function takeLine(span: ByteSpan, format: LineFormat, sink: LineSink): void {
  const { bytes, start, end } = span;
  if (end - start > MAX_LINE_BYTES) {
    sink.bad(span, 'a line is longer than 1 MB');
    return;
  }
  const line = textOf(bytes, start, end);
  if (line === '') return;
  if (!isUtf8(bytes.subarray(start, end))) sink.bad(span, 'not UTF-8 text');
  else if (format.fits(line)) format.take(line, span);
  else sink.bad(span, 'not a line of its format');
}

function firstLines(head: Uint8Array): string[] {
  const whole = head.length < PROBE_BYTES;
  const lines: string[] = [];
  for (let start = 0; start < Math.min(head.length, PROBE_BYTES) && lines.length < PROBE_LINES;) {
    const newline = head.subarray(0, PROBE_BYTES).indexOf(NEWLINE, start);
    if (newline < 0 && !whole) break;
    const end = newline < 0 ? head.length : newline;
    const line = textOf(head, start, end);
    if (line !== '') lines.push(line);
    start = end + 1;
  }
  return lines;
}

function textOf(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start)
    .toString('utf8')
    .replace(/\r$/, '')
    .trim();
}
