import type { DuckDBOptions } from './duckdb.js';
import type { Engine, Parameters, Row, RowStream } from './engine.js';
import type { EngineCall, EnginePort, EngineReply, EngineRequest, EngineResults } from './engine-messages.js';
import { fromPlainError } from './plain-error.js';

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/**
 * An engine in another process, asked through a channel at whose other end `serveEngine` listens. Statements are done in the
 * order in which they are given. Errors arrive as what they were: UserError, SqlError, or an Error of the same name and text.
 */
export class RemoteEngine implements Engine {
  readonly #port: EnginePort<EngineRequest, EngineReply>;
  readonly #end: () => void;
  readonly #waiting = new Map<number, Waiting>();
  #calls = 0;
  #ended: Error | undefined;

  /** @param end ends the other process; `close` calls it */
  constructor(port: EnginePort<EngineRequest, EngineReply>, end: () => void) {
    this.#port = port;
    this.#end = end;
    port.listen((reply) => this.#settle(reply));
  }

  /** Has the engine opened over there; to be called once, before everything else. */
  async open(options: DuckDBOptions): Promise<void> {
    await this.#call({ kind: 'open', options });
  }

  async run(sql: string, parameters?: Parameters): Promise<bigint> {
    return this.#call({ kind: 'run', sql, parameters });
  }

  async stream(sql: string, parameters?: Parameters): Promise<RowStream> {
    const { columns, answer } = await this.#call({ kind: 'stream', sql, parameters });
    return { columns, chunks: this.#chunksOf(answer) };
  }

  async rows(sql: string, parameters?: Parameters): Promise<readonly Row[]> {
    return this.#call({ kind: 'rows', sql, parameters });
  }

  async lock(readable?: readonly string[]): Promise<void> {
    await this.#call({ kind: 'lock', readable });
  }

  interrupt(): void {
    if (this.#ended === undefined) this.#port.send('interrupt');
  }

  close(): void {
    this.fail(new Error('The engine is closed'));
    this.#end();
  }

  /** Rejects all that is under way and all that is yet to be asked; only the first reason counts. */
  fail(reason: Error): void {
    this.#ended ??= reason;
    for (const { reject } of this.#waiting.values()) reject(this.#ended);
    this.#waiting.clear();
  }

  async *#chunksOf(answer: number): AsyncGenerator<readonly Row[], void, void> {
    let atEnd = false;
    try {
      for (;;) {
        const chunk = await this.#call({ kind: 'next', answer });
        atEnd = chunk === undefined;
        if (chunk === undefined) return;
        yield chunk;
      }
    } finally {
      if (!atEnd && this.#ended === undefined) await this.#call({ kind: 'drop', answer });
    }
  }

  async #call<Kind extends EngineCall['kind']>(
    call: EngineCall & { readonly kind: Kind },
  ): Promise<EngineResults[Kind]> {
    if (this.#ended !== undefined) throw this.#ended;
    const id = (this.#calls += 1);
    this.#port.send({ id, call });
    const value = await new Promise<unknown>((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    return value as EngineResults[Kind];
  }

  #settle(reply: EngineReply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if ('error' in reply) waiting?.reject(fromPlainError(reply.error));
    else waiting?.resolve(reply.value);
  }
}
