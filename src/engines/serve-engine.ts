import type { DuckDBOptions } from './duckdb.js';
import type { Engine, Row } from './engine.js';
import type { EngineCall, EnginePort, EngineReply, EngineRequest, EngineResults } from './engine-messages.js';
import { toPlainError } from './plain-error.js';

/** The engine forgets an interrupt that comes before its statement has quite begun, so it is said again until it is heard. */
const REPEAT_INTERRUPT_MS = 10;

/**
 * Answers what a `RemoteEngine` asks at the other end of the channel: one call after the other, in the order in which they
 * come. The engine is opened when it is asked for.
 */
export function serveEngine(
  port: EnginePort<EngineReply, EngineRequest>,
  open: (options: DuckDBOptions) => Promise<Engine>,
): void {
  const server = new EngineServer(open);
  let last: Promise<void> = Promise.resolve();
  port.listen((request) => {
    if (request === 'interrupt') return server.interrupt();
    server.expect();
    last = last.then(async () => reply(port, { id: request.id, answer: server.answer(request) }));
  });
}

async function reply(
  port: EnginePort<EngineReply, EngineRequest>,
  { id, answer }: { id: number; answer: Promise<EngineResults[EngineCall['kind']]> },
): Promise<void> {
  try {
    port.send({ id, value: await answer });
  } catch (error) {
    port.send({ id, error: toPlainError(error) });
  }
}

interface Answer {
  readonly number: number;
  readonly chunks: AsyncIterator<readonly Row[], unknown, void>;
}

class EngineServer {
  readonly #open: (options: DuckDBOptions) => Promise<Engine>;
  #opened: Engine | undefined;
  #answer: Answer | undefined;
  #interrupting: NodeJS.Timeout | undefined;
  /** Calls that have come and are not answered yet. */
  #due = 0;

  constructor(open: (options: DuckDBOptions) => Promise<Engine>) {
    this.#open = open;
  }

  /** A call has come; `answer` is to follow. */
  expect(): void {
    this.#due += 1;
  }

  async answer({ id, call }: { id: number; call: EngineCall }): Promise<EngineResults[EngineCall['kind']]> {
    try {
      return await this.#do(call, id);
    } finally {
      this.#due -= 1;
      clearInterval(this.#interrupting);
    }
  }

  /** Stops the call that is under way or about to begin; those behind it are done. */
  interrupt(): void {
    if (this.#due === 0) return;
    clearInterval(this.#interrupting);
    this.#opened?.interrupt();
    this.#interrupting = setInterval(() => this.#opened?.interrupt(), REPEAT_INTERRUPT_MS);
  }

  async #do(call: EngineCall, id: number): Promise<EngineResults[EngineCall['kind']]> {
    switch (call.kind) {
      case 'open':
        this.#opened = await this.#open(call.options);
        return undefined;
      case 'run':
        return this.#engine().run(call.sql, call.parameters);
      case 'rows':
        return this.#engine().rows(call.sql, call.parameters);
      case 'stream':
        return this.#stream(call, id);
      case 'lock':
        await this.#engine().lock(call.readable);
        return undefined;
      case 'next':
        return this.#next(call.answer);
      case 'drop':
        await this.#drop(call.answer);
        return undefined;
    }
  }

  async #stream(call: Extract<EngineCall, { kind: 'stream' }>, id: number): Promise<EngineResults['stream']> {
    const { columns, chunks } = await this.#engine().stream(call.sql, call.parameters);
    this.#answer = { number: id, chunks: chunks[Symbol.asyncIterator]() };
    return { columns, answer: id };
  }

  async #next(answer: number): Promise<readonly Row[] | undefined> {
    if (this.#answer?.number !== answer) throw new Error('This answer was given up for a later one');
    const step = await this.#answer.chunks.next();
    return step.done === true ? undefined : step.value;
  }

  async #drop(answer: number): Promise<void> {
    if (this.#answer?.number !== answer) return;
    await this.#answer.chunks.return?.();
    this.#answer = undefined;
  }

  #engine(): Engine {
    if (this.#opened === undefined) throw new Error('The engine has not been opened');
    return this.#opened;
  }
}
