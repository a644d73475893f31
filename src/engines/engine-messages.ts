import type { DuckDBOptions } from './duckdb.js';
import type { Column, Parameters, Row } from './engine.js';
import type { PlainError } from './plain-error.js';

/**
 * What an engine in another process is asked. An answer that is streamed stays there; `next` fetches a chunk of it, `drop`
 * leaves the rest.
 */
export type EngineCall =
  | { readonly kind: 'open'; readonly options: DuckDBOptions }
  | (Statement & { readonly kind: 'run' })
  | (Statement & { readonly kind: 'rows' })
  | (Statement & { readonly kind: 'stream' })
  | { readonly kind: 'lock'; readonly readable: readonly string[] | undefined }
  | { readonly kind: 'next' | 'drop'; readonly answer: number };

interface Statement {
  readonly sql: string;
  readonly parameters: Parameters | undefined;
}

/** What each call gives; the chunk of `next` is undefined at the end. */
export interface EngineResults {
  readonly open: undefined;
  readonly run: bigint;
  readonly rows: readonly Row[];
  readonly stream: { readonly columns: readonly Column[]; readonly answer: number };
  readonly lock: undefined;
  readonly next: readonly Row[] | undefined;
  readonly drop: undefined;
}

/** Calls are done one after the other; `interrupt` is no call, it goes past them. */
export type EngineRequest = { readonly id: number; readonly call: EngineCall } | 'interrupt';

export type EngineReply = { readonly id: number } & (
  { readonly value: EngineResults[EngineCall['kind']] } | { readonly error: PlainError }
);

/** One end of a channel between two processes. It keeps the order, and what is sent arrives as a copy, bigints included. */
export interface EnginePort<Sent, Received> {
  /** @throws where the message holds something that cannot be copied */
  send(message: Sent): void;
  listen(listener: (message: Received) => void): void;
}
