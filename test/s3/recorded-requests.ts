import type { Fault, SeenRequest } from './faults.js';
import type { S3Request } from './s3-request.js';

/** A request as the server saw it. */
export interface RecordedRequest extends SeenRequest {
  /** The status that was sent; 0 when none was, or none yet. */
  readonly status: number;
  /** The code of the error that was answered: `NoSuchKey`. */
  readonly error: string | undefined;
  readonly fault: Fault['kind'] | undefined;
}

type Outcome = Pick<RecordedRequest, 'status' | 'error' | 'fault'>;

/** All requests in the order of their arrival. */
export class RecordedRequests {
  readonly list: RecordedRequest[] = [];
  /** The most requests that waited for their answers at one moment. */
  mostInFlight = 0;
  readonly #attempts = new Map<string, number>();
  #inFlight = 0;

  arrive({ method, operation, bucket, key, query, headers }: S3Request): SeenRequest {
    this.#inFlight++;
    this.mostInFlight = Math.max(this.mostInFlight, this.#inFlight);
    const kind = JSON.stringify([method, operation, bucket, key, query, headers['range']]);
    const attempt = (this.#attempts.get(kind) ?? 0) + 1;
    this.#attempts.set(kind, attempt);
    const number = this.list.length + 1;
    const seen = { method, operation, bucket, key, query, headers, number, attempt, inFlight: this.#inFlight };
    this.list.push({ ...seen, status: 0, error: undefined, fault: undefined });
    return seen;
  }

  answer(request: SeenRequest, outcome: Outcome): void {
    this.list[request.number - 1] = { ...request, ...outcome };
  }

  leave(): void {
    this.#inFlight--;
  }
}
