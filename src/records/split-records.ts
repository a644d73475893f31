import { isBlank, isClosing, isElementBoundary, isSeparator, isWhiteSpace, mayFollow } from './between-values.js';
import { BrokenContainer } from './broken-container.js';
import { CONTAINER, type JsonScanner } from './json-scanner.js';
import { CUT, INVALID } from './value-scanner.js';
import type { ByteSpan, ValueSink } from './value-sink.js';
import type { TakenRun } from './record-kernel.js';
import { scanMember } from './scan-member.js';
import { blanksBefore, findResync, findWrapped, lenientEnd, RetryBudget, skipString } from './resync.js';

/** A record larger than this many bytes is put aside. */
export const MAX_RECORD_BYTES = 64 * 1024 * 1024;

type Frame = 'array' | 'envelope';
type State = 'top' | 'element' | 'after' | 'tail';

/** More bytes are needed before anything else can be said. */
const MORE = -1;

const TOO_LARGE = 'a record is larger than 64 MB';
const UNEXPECTED = 'unexpected text after a value';

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
  /** What is held back until more is there: the end of what was looked through, and chunks that came since. */
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  /** A value that is cut is looked at again when twice as much of it is there, so that a long one is not scanned for each chunk. */
  #wantedBytes = 0;
  /** Where `#bytes[0]` lies in the body. */
  #base = 0;
  /** How many blanks stand before `#bytes[0]` on its line; -1 where anything else does. */
  #lead = 0;
  #bytes: Uint8Array = new Uint8Array(0);
  #end = 0;
  /** Where the value that is looked at ends at the latest: `#end`, or its line's end once the retries are used up. */
  #limit = 0;
  readonly #retries = new RetryBudget();
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
    this.#held.push(chunk);
    this.#heldBytes += chunk.length;
    if (!last && this.#heldBytes < this.#wantedBytes) return;
    this.#bytes = this.#held.length === 1 ? chunk : Buffer.concat(this.#held);
    this.#end = this.#bytes.length;
    this.#last = last;
    const consumed = this.#run();
    if (last && this.#frames.length > 0) throw new BrokenContainer('the list of records is cut off');
    this.#keepFrom(!last && this.#end - consumed > MAX_RECORD_BYTES ? this.#discard(consumed) : consumed);
  }

  #keepFrom(consumed: number): void {
    this.#lead = blanksBefore(this.#bytes, consumed, this.#lead);
    this.#base += consumed;
    this.#heldBytes = this.#end - consumed;
    this.#held = this.#heldBytes === 0 ? [] : [this.#bytes.subarray(consumed)];
    this.#wantedBytes = Math.min(2 * this.#heldBytes, MAX_RECORD_BYTES + 1);
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
    const taken = this.#takeRun(start, false);
    if (taken !== undefined) return taken.next;
    this.#setLimit(start);
    if (this.#bytes[start] === 0x5b) return this.#topArray(start);
    const next = this.#scanner.scan(this.#bytes, start, this.#limit, true);
    if (next === CONTAINER) return this.#openFirst(start, 'envelope', this.#scanner.containerAt);
    return this.#topValue(start, next);
  }

  #takeRun(start: number, inList: boolean): TakenRun | undefined {
    const taken = this.#sink.run?.({ bytes: this.#bytes, start, end: this.#end, inList, last: this.#last });
    this.#first &&= taken === undefined;
    return taken;
  }

  #topValue(start: number, next: number): number {
    if (this.#mayGoOn(next)) return MORE;
    if (next < 0) return this.#recoverTop(start, this.#scanner.reason);
    const follower = this.#follower(next);
    if (follower === MORE) return MORE;
    if (!mayFollow(this.#bytes[follower])) return this.#recoverTop(start, UNEXPECTED);
    this.#first = false;
    return this.#tell(start, next);
  }

  #setLimit(start: number): void {
    const newline = this.#retries.isSpent(this.#base + start) ? this.#bytes.indexOf(0x0a, start) : -1;
    this.#limit = newline < 0 ? this.#end : newline;
  }

  /** Whether a scan came to the end of what is here, and not of all there is to look at. */
  #mayGoOn(next: number): boolean {
    return next === CUT && !this.#last && this.#limit === this.#end;
  }

  #tell(start: number, end: number): number {
    if (end - start > MAX_RECORD_BYTES) this.#sink.bad(this.#span(start, end), TOO_LARGE);
    else this.#sink.value(this.#span(start, end));
    return end;
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
    if (!holdsObjects) return this.#topValue(start, scanner.scan(this.#bytes, start, this.#limit));
    return this.#openFirst(start, 'array', start + 1);
  }

  /**
   * A container that begins the body is read as it comes, whatever its size. One that follows other values is first
   * checked to its end, so that a stray bracket between good lines takes nothing with it; unless it is too large to be held.
   */
  #openFirst(start: number, frame: Frame, inside: number): number {
    this.#sound = !this.#first;
    if (!this.#first) {
      const next = this.#scanner.scan(this.#bytes, start, this.#limit);
      const follower = next < 0 ? 0 : this.#follower(next);
      const open = follower === MORE || this.#mayGoOn(next);
      if (open && this.#end - start <= MAX_RECORD_BYTES) return MORE;
      if (open) this.#sound = false;
      else if (next < 0) return this.#recoverTop(start, this.#scanner.reason);
      else if (!mayFollow(this.#bytes[follower])) return this.#recoverTop(start, UNEXPECTED);
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
    const taken = this.#takeRun(start, true);
    if (taken !== undefined) {
      // Only the first of them may be indented.
      this.#indent = Math.max(this.#indent, blanksBefore(this.#bytes, start, this.#lead));
      this.#firstElement = false;
      if (!taken.afterComma) this.#state = 'after';
      return taken.next;
    }
    this.#setLimit(start);
    const next = this.#scanner.scan(this.#bytes, start, this.#limit, this.#frames.length < 4);
    if (next === CONTAINER) return this.#open('envelope', this.#scanner.containerAt);
    if (this.#mayGoOn(next)) return MORE;
    if (next === this.#end && !this.#last && !isClosing(this.#bytes[next - 1]!)) return MORE;
    if (next < 0) return this.#recoverElement(start, this.#scanner.reason);
    this.#indent = Math.max(this.#indent, blanksBefore(this.#bytes, start, this.#lead));
    this.#state = 'after';
    return this.#tell(start, next);
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
    return this.#stray(i, 'unexpected text between records');
  }

  /** Text in a list that is no object or array, up to what may come next there. */
  #stray(start: number, reason: string): number {
    let end = this.#bytes[start] === 0x22 ? skipString(this.#bytes, start + 1, this.#end) : start + 1;
    while (end < this.#end && !isElementBoundary(this.#bytes[end]!)) end++;
    if (end >= this.#end && !this.#last) return MORE;
    return this.#putAside(start, Math.min(end, this.#end), reason);
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

  /** What stands in an envelope behind its records; another list of them is opened. */
  #tail(from: number): number {
    const i = this.#skipWhite(from);
    if (i === this.#end) return i;
    if (this.#bytes[i] === 0x7d) return this.#leave(i + 1);
    const next = this.#bytes[i] === 0x2c ? scanMember(this.#scanner, this.#bytes, i + 1) : INVALID;
    if (next === CONTAINER) {
      this.#state = 'element';
      this.#firstElement = true;
      return this.#scanner.containerAt;
    }
    if (next === CUT && !this.#last) return MORE;
    if (next === CUT) throw new BrokenContainer('the list of records is cut off');
    if (next < 0) throw new BrokenContainer('the envelope around the records is not JSON');
    return next;
  }

  #recoverTop(start: number, reason: string): number {
    if (reason !== UNEXPECTED) this.#retries.failed(this.#base + this.#scanner.failedAt);
    const indent = Math.max(0, blanksBefore(this.#bytes, start, this.#lead));
    const lenient = reason === UNEXPECTED ? -1 : lenientEnd(this.#bytes, start, this.#end, indent);
    if (lenient >= 0) {
      const follower = this.#follower(lenient);
      if (follower === MORE) return MORE;
      if (mayFollow(this.#bytes[follower])) return this.#putAside(start, lenient, reason);
    }
    const resync = findResync(this.#bytes, start, this.#end, indent);
    if (resync >= 0) return this.#putAside(start, resync, reason);
    return this.#last ? this.#putAside(start, this.#end, reason) : MORE;
  }

  /** A whole record in an envelope that is broken behind it is worth keeping; only the envelope is put aside. */
  #salvage(start: number): number {
    const inner = findWrapped(this.#bytes, start, this.#end);
    if (inner < 0) return inner;
    const next = this.#scanner.scan(this.#bytes, inner, this.#limit);
    if (next < 0) return next;
    this.#putAside(start, inner, 'an envelope that is not closed');
    this.#sink.value(this.#span(inner, next));
    this.#state = 'after';
    return next;
  }

  #recoverElement(start: number, reason: string): number {
    const byte = this.#bytes[start];
    if (byte !== 0x7b && byte !== 0x5b) {
      const next = this.#stray(start, reason);
      if (next !== MORE) this.#state = 'after';
      return next;
    }
    this.#retries.failed(this.#base + this.#scanner.failedAt);
    const salvaged = this.#salvage(start);
    if (salvaged >= 0) return salvaged;
    const indent = Math.max(this.#indent, blanksBefore(this.#bytes, start, this.#lead));
    const lenient = lenientEnd(this.#bytes, start, this.#end, indent);
    if (lenient >= 0) {
      const follower = this.#skipWhite(lenient);
      if (follower === this.#end && !this.#last) return MORE;
      if (follower < this.#end && isElementBoundary(this.#bytes[follower]!)) {
        this.#state = 'after';
        return this.#putAside(start, lenient, reason);
      }
    }
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
  #discard(start: number): number {
    if (this.#frames.length > 0) throw new BrokenContainer(TOO_LARGE);
    this.#discarding = true;
    return this.#putAside(start, this.#end, TOO_LARGE);
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
