import { BrokenContainer } from './broken-container.js';
import { CONTAINER, CUT, type JsonScanner } from './json-scanner.js';
import { findResync, findWrapped, leadingIndent, lenientEnd } from './resync.js';

/** A record larger than this many bytes is put aside. */
export const MAX_RECORD_BYTES = 64 * 1024 * 1024;

/** Takes what a splitter finds. Positions are in `bytes`; `offset` is where `bytes[start]` lies in the whole body. */
export interface ValueSink {
  /** One JSON value that keeps the grammar; the scanner's notes are about it. */
  value(span: ByteSpan): void;
  /** Bytes that are no JSON value. */
  bad(span: ByteSpan, reason: string): void;
}

export interface ByteSpan {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  readonly offset: number;
}

type Frame = 'array' | 'envelope';
type State = 'top' | 'element' | 'after' | 'tail';

/** More bytes are needed before anything else can be said. */
const MORE = -1;

/**
 * Cuts a body into the JSON values that it is packed of: NDJSON, values with nothing, commas or blank space between them,
 * pretty-printed values, an array of objects, or an object whose `Records` (or `Events`, `logEvents`) hold them.
 * A bad value loses itself alone; the splitter goes on behind it.
 *
 * Feed the body with `push`; `last` says that nothing follows.
 * @throws BrokenContainer when an array or envelope that holds the records is cut off or followed by garbage
 */
export class RecordSplitter {
  readonly #scanner: JsonScanner;
  readonly #sink: ValueSink;
  #pending: Uint8Array = new Uint8Array(0);
  /** Where `#bytes[0]` lies in the body. */
  #base = 0;
  #bytes: Uint8Array = new Uint8Array(0);
  #end = 0;
  #last = false;
  #state: State = 'top';
  #frames: Frame[] = [];
  #first = true;
  #firstElement = true;
  /** The container that is open was checked to its end before it was opened. */
  #sound = false;
  #discarding = false;
  /** The deepest indent at which a good value of the open container began. */
  #indent = 0;

  constructor(scanner: JsonScanner, sink: ValueSink) {
    this.#scanner = scanner;
    this.#sink = sink;
  }

  push(chunk: Uint8Array, last: boolean): void {
    this.#bytes = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    this.#end = this.#bytes.length;
    this.#last = last;
    const consumed = this.#run();
    this.#base += consumed;
    this.#pending = this.#bytes.subarray(consumed);
    if (last && this.#frames.length > 0) throw new BrokenContainer('the list of records is cut off');
    if (!last && this.#pending.length > MAX_RECORD_BYTES) this.#discard();
  }

  #run(): number {
    let i = this.#discarding ? this.#skipDiscarded() : 0;
    while (i < this.#end) {
      const next = this.#step(i);
      if (next === MORE) break;
      i = next;
    }
    return i;
  }

  #step(i: number): number {
    switch (this.#state) {
      case 'top':
        return this.#top(i);
      case 'element':
        return this.#element(i);
      case 'after':
        return this.#after(i);
      case 'tail':
        return this.#tail(i);
    }
  }

  #top(from: number): number {
    let start = from;
    while (start < this.#end && isSeparator(this.#bytes[start]!)) start++;
    if (start === this.#end) return start;
    if (this.#bytes[start] === 0x5b) return this.#topArray(start);
    const next = this.#scanner.scan(this.#bytes, start, this.#end, true);
    if (next === CONTAINER) return this.#topEnvelope(start);
    return this.#topValue(start, next);
  }

  #topValue(start: number, next: number): number {
    if (next === CUT && !this.#last) return MORE;
    if (next < 0) return this.#recoverTop(start, this.#scanner.reason);
    const follower = this.#follower(next);
    if (follower === MORE) return MORE;
    if (!mayFollow(this.#bytes[follower])) return this.#recoverTop(start, 'unexpected text after a value');
    this.#first = false;
    this.#sink.value(this.#span(start, next));
    return next;
  }

  /** The position of the first byte behind a value that is no blank of its line; the end of the last chunk counts as one. */
  #follower(next: number): number {
    let i = next;
    while (i < this.#end && isBlank(this.#bytes[i]!)) i++;
    return i === this.#end && !this.#last ? MORE : i;
  }

  #topArray(start: number): number {
    const scanner = this.#scanner;
    let i = start + 1;
    while (i < this.#end && isWhiteSpace(this.#bytes[i]!)) i++;
    if (i === this.#end && !this.#last) return MORE;
    const holdsObjects = this.#bytes[i] === 0x7b && i < this.#end;
    if (!holdsObjects) return this.#topValue(start, scanner.scan(this.#bytes, start, this.#end));
    return this.#openFirst(start, 'array', start + 1);
  }

  #topEnvelope(start: number): number {
    return this.#openFirst(start, 'envelope', this.#scanner.containerAt);
  }

  /**
   * A container that begins the body is read as it comes, whatever its size. One that follows other values is first
   * checked to its end, so that a stray bracket between good lines takes nothing with it.
   */
  #openFirst(start: number, frame: Frame, inside: number): number {
    this.#sound = false;
    if (!this.#first) {
      const next = this.#scanner.scan(this.#bytes, start, this.#end);
      if (next === CUT && !this.#last) return MORE;
      if (next < 0) return this.#recoverTop(start, this.#scanner.reason);
      const follower = this.#follower(next);
      if (follower === MORE) return MORE;
      if (!mayFollow(this.#bytes[follower])) return this.#recoverTop(start, 'unexpected text after a value');
      this.#sound = true;
    }
    this.#first = false;
    return this.#open(frame, inside);
  }

  #open(frame: Frame, inside: number): number {
    this.#frames.push(frame);
    this.#state = 'element';
    this.#indent = 0;
    this.#firstElement = true;
    return inside;
  }

  #element(from: number): number {
    const start = this.#skipWhite(from);
    if (start === this.#end) return start;
    const byte = this.#bytes[start]!;
    if (byte === 0x5d) {
      if (!this.#firstElement) this.#sink.bad(this.#span(start, start + 1), 'a comma before the end of an array');
      return this.#close(start);
    }
    const next = this.#scanner.scan(this.#bytes, start, this.#end, this.#frames.length < 4);
    if (next === CONTAINER) return this.#open('envelope', this.#scanner.containerAt);
    if (next === CUT && !this.#last) return MORE;
    if (next < 0) return this.#recoverElement(start, this.#scanner.reason);
    this.#indent = Math.max(this.#indent, leadingIndent(this.#bytes, start));
    this.#sink.value(this.#span(start, next));
    this.#state = 'after';
    return next;
  }

  #after(from: number): number {
    const i = this.#skipWhite(from);
    if (i === this.#end) return i;
    const byte = this.#bytes[i]!;
    if (byte === 0x5d) return this.#close(i);
    if (byte === 0x2c || byte === 0x7b) {
      this.#state = 'element';
      this.#firstElement = byte !== 0x2c;
      return byte === 0x2c ? i + 1 : i;
    }
    let end = i + 1;
    while (end < this.#end && !isElementBoundary(this.#bytes[end]!)) end++;
    if (end === this.#end && !this.#last) return MORE;
    this.#sink.bad(this.#span(i, end), 'unexpected text between records');
    return end;
  }

  #close(bracket: number): number {
    if (this.#frames.at(-1) === 'envelope') {
      this.#state = 'tail';
      return bracket + 1;
    }
    return this.#leave(bracket + 1);
  }

  #leave(next: number): number {
    const frame = this.#frames.pop();
    this.#state = this.#frames.length > 0 ? 'after' : 'top';
    if (this.#state === 'after' || this.#sound) return next;
    const follower = this.#follower(next);
    if (follower !== MORE && mayFollow(this.#bytes[follower])) return next;
    if (follower !== MORE) throw new BrokenContainer('unexpected text after the list of records');
    this.#frames.push(frame ?? 'array');
    this.#state = frame === 'envelope' ? 'tail' : 'after';
    return MORE;
  }

  /** The members of an envelope behind its records. */
  #tail(from: number): number {
    const i = this.#skipWhite(from);
    if (i === this.#end) return i;
    if (this.#bytes[i] === 0x7d) return this.#leave(i + 1);
    if (this.#bytes[i] !== 0x2c) throw new BrokenContainer('the envelope around the records is not JSON');
    const scanner = this.#scanner;
    let next = scanner.scanString(this.#bytes, this.#skipWhite(i + 1), this.#end);
    if (next >= 0) {
      next = this.#skipWhite(next);
      if (next === this.#end) next = CUT;
      else if (this.#bytes[next] === 0x3a) next = this.#memberValue(next + 1);
      else throw new BrokenContainer('the envelope around the records is not JSON');
    }
    if (next === CUT && !this.#last) return MORE;
    if (next < 0) throw new BrokenContainer('the envelope around the records is not JSON');
    return next;
  }

  #memberValue(at: number): number {
    const start = this.#skipWhite(at);
    return start === this.#end ? CUT : this.#scanner.scan(this.#bytes, start, this.#end);
  }

  #recoverTop(start: number, reason: string): number {
    const resync = findResync(this.#bytes, start, this.#end);
    const lenient = lenientEnd(this.#bytes, start, resync < 0 ? this.#end : resync);
    if (lenient >= 0 && reason !== 'unexpected text after a value') {
      const follower = this.#follower(lenient);
      if (follower !== MORE && mayFollow(this.#bytes[follower])) return this.#putAside(start, lenient, reason);
    }
    if (resync >= 0) return this.#putAside(start, resync, reason);
    return this.#last ? this.#putAside(start, this.#end, reason) : MORE;
  }

  /** A whole record in an envelope that is broken behind it is worth keeping; only the envelope is put aside. */
  #salvage(start: number): number {
    const inner = findWrapped(this.#bytes, start, this.#end);
    if (inner < 0) return inner;
    const next = this.#scanner.scan(this.#bytes, inner, this.#end);
    if (next < 0) return next;
    this.#putAside(start, inner, 'an envelope that is not closed');
    this.#sink.value(this.#span(inner, next));
    this.#state = 'after';
    return next;
  }

  #recoverElement(start: number, reason: string): number {
    const salvaged = this.#salvage(start);
    if (salvaged >= 0) return salvaged;
    const lenient = lenientEnd(this.#bytes, start, this.#end);
    if (lenient >= 0) {
      const follower = this.#skipWhite(lenient);
      if (follower === this.#end && !this.#last) return MORE;
      const byte = this.#bytes[follower];
      if (byte === 0x2c || byte === 0x5d) {
        this.#state = 'after';
        return this.#putAside(start, lenient, reason);
      }
    }
    const indent = Math.max(this.#indent, leadingIndent(this.#bytes, start));
    const resync = findResync(this.#bytes, start, this.#end, indent);
    if (resync >= 0) return this.#putAside(start, resync, reason);
    if (this.#last) throw new BrokenContainer(`the list of records is broken: ${reason}`);
    return MORE;
  }

  #putAside(start: number, end: number, reason: string): number {
    let trimmed = end;
    while (trimmed > start + 1 && isWhiteSpace(this.#bytes[trimmed - 1]!)) trimmed--;
    this.#first = false;
    this.#sink.bad(this.#span(start, trimmed), reason);
    return end;
  }

  /** A value that outgrew the limit: what is held of it is put aside, the rest of its line is passed over. */
  #discard(): void {
    if (this.#frames.length > 0) throw new BrokenContainer('a record is larger than 64 MB');
    const held = this.#pending;
    this.#sink.bad({ bytes: held, start: 0, end: held.length, offset: this.#base }, 'a record is larger than 64 MB');
    this.#base += held.length;
    this.#pending = new Uint8Array(0);
    this.#first = false;
    this.#discarding = true;
  }

  #skipDiscarded(): number {
    const newline = this.#bytes.indexOf(0x0a);
    this.#discarding = newline < 0;
    return newline < 0 ? this.#end : newline + 1;
  }

  #skipWhite(from: number): number {
    let i = from;
    while (i < this.#end && isWhiteSpace(this.#bytes[i]!)) i++;
    return i;
  }

  #span(start: number, end: number): ByteSpan {
    return { bytes: this.#bytes, start, end, offset: this.#base + start };
  }
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0d;
}

function isWhiteSpace(byte: number): boolean {
  return byte === 0x0a || isBlank(byte);
}

function isSeparator(byte: number): boolean {
  return byte === 0x2c || isWhiteSpace(byte);
}

/** What may stand behind a value on its line: the end, a comma, or another object or array with nothing between. */
function mayFollow(byte: number | undefined): boolean {
  return byte === undefined || byte === 0x0a || byte === 0x2c || byte === 0x7b || byte === 0x5b;
}

function isElementBoundary(byte: number): boolean {
  return byte === 0x2c || byte === 0x5d || byte === 0x7b;
}
