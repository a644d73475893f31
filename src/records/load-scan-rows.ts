import { readFileSync } from 'node:fs';
import { packageFile } from '../package-file.js';

/** What `kernel/scan-rows.ts` exports; its comments say what each does. All numbers are positions in its memory, or counts. */
export interface ScanRows {
  setRows(start: number, limit: number, text: number, textLength: number): void;
  scanLines(root: number, start: number, end: number, last: boolean): void;
  scanList(root: number, start: number): void;
  position(): number;
  rowsEnd(): number;
  rowCount(): number;
  longestRow(): number;
  rowSink(): number;
  isBehindComma(): number;
}

/** The part of WebAssembly's interface that is used here: it is described with the browser's, which Node's types leave out. */
declare const WebAssembly: {
  readonly Memory: new (descriptor: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer };
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
};

/** The compiled program; each instance has a memory of its own. */
const compiled: { module?: object } = {};

/**
 * Loads the program that the build has made of `kernel/scan-rows.ts`.
 * @param pages how many pages of 64 kB its memory has; the first is its own
 */
export function loadScanRows(pages: number): { readonly program: ScanRows; readonly memory: ArrayBuffer } {
  compiled.module ??= new WebAssembly.Module(readFileSync(packageFile('dist/records/scan-rows.wasm')));
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const { exports } = new WebAssembly.Instance(compiled.module, { env: { memory } });
  return { program: exports as ScanRows, memory: memory.buffer };
}
