/** A call as an example of its kind, with the values of secret fields masked as answers have them. */
export interface ExampleCall {
  readonly timestamp: string | null;
  readonly service: string | null;
  readonly operation: string | null;
  readonly region: string | null;
  readonly principal: string | null;
  readonly status_code: number | null;
  readonly error_code: string | null;
  readonly error_message: string | null;
  /** JSON text, of a long request only the beginning. */
  readonly request: string | null;
}

/** Reads the JSON text that the engine makes of a call. */
export function readExample(json: string): ExampleCall {
  return withIsoTime(JSON.parse(json) as ExampleCall);
}

/** The same for a list of calls. */
export function readExamples(json: string): readonly ExampleCall[] {
  return (JSON.parse(json) as ExampleCall[]).map(withIsoTime);
}

function withIsoTime(call: ExampleCall): ExampleCall {
  return { ...call, timestamp: call.timestamp === null ? null : `${call.timestamp.replace(' ', 'T')}Z` };
}

/** What is worth to be said of a call in one line: how it failed, and its request. */
export function describeExample({ status_code, error_code, error_message, request }: ExampleCall): string {
  const failure = [
    error_code ?? (status_code !== null && status_code >= 400 ? `HTTP ${status_code}` : null),
    error_message,
  ];
  const failed = failure.filter((part) => part !== null).join(': ');
  return [...(failed === '' ? [] : [failed]), ...(request === null ? [] : [request])].join(' · ');
}

/** `s3:PutObject`. */
export function nameOf({ service, operation }: ExampleCall): string {
  return `${service ?? ''}:${operation ?? ''}`;
}
