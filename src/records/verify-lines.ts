import { isUtf8 } from 'node:buffer';
import { JsonScanner } from './json-scanner.js';
import type { ShapeNode, ShapeTree } from './record-shapes.js';

/** Records longer than this are left to the careful path, whatever they hold: the engine's buffers are made for 16 MB. */
const MAX_LINE_BYTES = 8 * 1024 * 1024;

export interface LineVerifierOptions {
  readonly shapes: ShapeTree;
  /** Whether the record that the scanner has just read may be left to the engine. */
  readonly accepts: (scanner: JsonScanner, shape: ShapeNode) => boolean;
}

/**
 * Looks through a body of NDJSON without keeping anything of it, to tell whether the engine may read it from where it lies:
 * one object a line, strictly JSON and UTF-8, no list of records, each accepted by the caller, and nothing else.
 * A body that is refused is not wrong; it has to be read with care.
 */
export class LineVerifier {
  /** Records seen. */
  records = 0;
  readonly #scanner: JsonScanner;
  readonly #accepts: LineVerifierOptions['accepts'];
  #pending: Uint8Array = new Uint8Array(0);

  constructor({ shapes, accepts }: LineVerifierOptions) {
    this.#scanner = new JsonScanner(shapes);
    this.#accepts = accepts;
  }

  /** Takes the next chunk of the body; false says that the body is refused. */
  push(chunk: Uint8Array, last: boolean): boolean {
    const bytes = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    const end = last ? bytes.length : bytes.lastIndexOf(0x0a) + 1;
    this.#pending = bytes.subarray(end);
    if (this.#pending.length > MAX_LINE_BYTES || !isUtf8(bytes.subarray(0, end))) return false;
    return this.#lines(bytes, end);
  }

  #lines(bytes: Uint8Array, end: number): boolean {
    const scanner = this.#scanner;
    let start = 0;
    while (start < end) {
      if (bytes[start] !== 0x7b) return false;
      const next = scanner.scan(bytes, start, end, true);
      if (next < 0 || scanner.multiline || scanner.oddEscape || scanner.dashes > 0) return false;
      if (next < end && bytes[next] !== 0x0a) return false;
      if (next - start > MAX_LINE_BYTES || !this.#accepts(scanner, scanner.shape)) return false;
      this.records++;
      start = next + 1;
    }
    return true;
  }
}
