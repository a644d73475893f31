/** A place among the requests under way. To be given back exactly once. */
export interface Lease {
  /** @param outcome `slow`: the server asked for fewer requests; `neither`: it has not said */
  end(outcome: 'done' | 'slow' | 'neither'): void;
}

export interface LimiterOptions {
  readonly start: number;
  readonly max: number;
}

/**
 * Limits the requests under way to what the server takes: halves when it asks to slow down, once for all requests that were
 * under way then, and grows by one with every full round of requests that went well.
 */
export class RequestLimiter {
  readonly #max: number;
  #limit: number;
  #active = 0;
  #goodSinceGrowth = 0;
  #halvings = 0;
  readonly #waiting: ((lease: Lease) => void)[] = [];

  constructor({ start, max }: LimiterOptions) {
    this.#max = max;
    this.#limit = Math.min(start, max);
  }

  /** How many requests may be under way now. */
  get limit(): number {
    return this.#limit;
  }

  /** Whether a request could be sent at once. */
  get hasRoom(): boolean {
    return this.#active < this.#limit && this.#waiting.length === 0;
  }

  /** Waits for a place; in the order of asking. */
  acquire(): Promise<Lease> {
    if (this.hasRoom) return Promise.resolve(this.#lease());
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #lease(): Lease {
    this.#active++;
    const halvings = this.#halvings;
    return {
      end: (outcome) => {
        this.#active--;
        if (outcome === 'slow' && halvings === this.#halvings) this.#halve();
        if (outcome === 'done') this.#grow();
        this.#admit();
      },
    };
  }

  #halve(): void {
    this.#halvings++;
    this.#goodSinceGrowth = 0;
    this.#limit = Math.max(1, Math.floor(this.#limit / 2));
  }

  #grow(): void {
    this.#goodSinceGrowth++;
    if (this.#goodSinceGrowth < this.#limit || this.#limit >= this.#max) return;
    this.#goodSinceGrowth = 0;
    this.#limit++;
  }

  #admit(): void {
    while (this.#active < this.#limit) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      next(this.#lease());
    }
  }
}
