import type { EarlyEnd } from './end-early.js';
import type { S3Request } from './s3-request.js';

/** Where in an answer something happens: before the request is done, done but unanswered, after so many bytes of the body, half-way. */
export type Place = 'request' | 'head' | 'middle' | number;

export type Fault =
  /** An error as S3 words it. Statuses and messages of known codes need not be given. */
  | {
      readonly kind: 'error';
      readonly code: string;
      readonly message?: string;
      readonly status?: number;
      readonly details?: Readonly<Record<string, string>>;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** Anything at all: a page of a proxy. */
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly body: string;
      readonly headers?: Record<string, string>;
    }
  /** The connection is reset, falls silent, or is closed in good order too early. */
  | { readonly kind: EarlyEnd; readonly at: Place }
  /** A checksum header that is not that of the bytes; CRC32 where the object has none. */
  | { readonly kind: 'wrong-checksum' }
  /** Bits of one byte of the body are turned over, by default of the one in the middle. */
  | { readonly kind: 'flip'; readonly at?: number }
  /** Content-Length says so many bytes more than the object has, and they do not come; or less, and the rest does not come. */
  | { readonly kind: 'length'; readonly by: number }
  /** The object, or the one that is named, is overwritten before the request is done. */
  | { readonly kind: 'change'; readonly body?: string | Uint8Array; readonly key?: string }
  /** The object, or the one that is named, is deleted before the request is done. */
  | { readonly kind: 'delete'; readonly key?: string }
  /** The conditions of a write are passed over, those in headers and those of each key in a body. */
  | { readonly kind: 'no-conditions' }
  /** The second half of the body is missing, and nothing else tells: XML that does not end. */
  | { readonly kind: 'garble' }
  /** Status 200 with an error in the body. */
  | { readonly kind: 'error-in-200'; readonly code: string }
  /** Nothing is done of the request before that, however much of it has come. */
  | { readonly kind: 'hold'; readonly until: Promise<void> }
  /** A wait before the head, and a rate for the body. */
  | { readonly kind: 'slow'; readonly delayMs?: number; readonly bytesPerSecond?: number };

/** A request as rules see it. */
export interface SeenRequest extends Pick<S3Request, 'method' | 'operation' | 'bucket' | 'key' | 'query' | 'headers'> {
  /** 1 for the first request of all. */
  readonly number: number;
  /** 1 for the first one of its kind: same method, operation, bucket, key, query and range. */
  readonly attempt: number;
  /** Requests that wait for their answer, this one included. */
  readonly inFlight: number;
}

export interface FaultRule {
  readonly match: (request: SeenRequest) => boolean;
  /** How often it strikes; for ever unless given. */
  readonly times?: number;
  readonly fault: Fault;
}

/** What goes wrong, in the order of the rules: the first that matches and is not used up strikes. */
export class FaultPlan {
  readonly #rules: { rule: FaultRule; left: number }[] = [];
  readonly #struck: { readonly request: SeenRequest; readonly fault: Fault }[] = [];

  add(...rules: readonly FaultRule[]): void {
    this.#rules.push(...rules.map((rule) => ({ rule, left: rule.times ?? Infinity })));
  }

  clear(): void {
    this.#rules.length = 0;
  }

  /** Everything that went wrong so far: a test of faults must see that they happened. */
  get struck(): readonly { readonly request: SeenRequest; readonly fault: Fault }[] {
    return this.#struck;
  }

  /** For the server: the fault of this request. */
  strike(request: SeenRequest): Fault | undefined {
    const found = this.#rules.find(({ rule, left }) => left > 0 && rule.match(request));
    if (found === undefined) return undefined;
    found.left--;
    this.#struck.push({ request, fault: found.rule.fault });
    return found.rule.fault;
  }
}

/** KMS refuses the key, as GetObject words it. */
export function kmsDenied(principal = 'arn:aws:iam::123456789012:user/reader'): Fault {
  const key = 'arn:aws:kms:us-east-1:123456789012:key/00000000-0000-4000-8000-000000000000';
  const message = `User: ${principal} is not authorized to perform: kms:Decrypt on resource: ${key} because no identity-based policy allows the kms:Decrypt action`;
  return { kind: 'error', code: 'AccessDenied', message };
}

/** The bucket is in another region; a global endpoint says so with the code AuthorizationHeaderMalformed. */
export function otherRegion(region: string, code: 'PermanentRedirect' | 'AuthorizationHeaderMalformed'): Fault {
  const headers = { 'x-amz-bucket-region': region };
  return { kind: 'error', code, headers, details: { Region: region, Endpoint: `s3.${region}.amazonaws.com` } };
}
