/** How many pieces of work may wait while one runs, so that whoever adds them does not run ahead. */
const MAX_WAITING = 2;

/** Does one piece of work after the other while whoever adds them goes on. After a failure nothing more is done. */
export class SerialQueue {
  #running: Promise<void> = Promise.resolve();
  #waiting = 0;
  #failure: { readonly error: unknown } | undefined;

  /**
   * Adds a piece of work. Waits while too many are waiting.
   * @throws what an earlier piece has thrown
   */
  async add(work: () => Promise<void>): Promise<void> {
    this.#waiting++;
    const done = this.#running.then(() => this.#runOne(work));
    this.#running = done;
    if (this.#waiting > MAX_WAITING) await done;
    this.#throwFailure();
  }

  /**
   * Waits until everything is done.
   * @throws what a piece has thrown
   */
  async drain(): Promise<void> {
    await this.#running;
    this.#throwFailure();
  }

  async #runOne(work: () => Promise<void>): Promise<void> {
    try {
      if (this.#failure === undefined) await work();
    } catch (error) {
      this.#failure ??= { error };
    } finally {
      this.#waiting--;
    }
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}
