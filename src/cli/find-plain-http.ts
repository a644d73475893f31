export interface EndpointChoice {
  /** What a flag or the configuration says. */
  readonly endpointUrl?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * The server that requests would reach over the network unencrypted, as `host:port`; undefined where they are encrypted, or
 * stay on this machine. An endpoint of the AWS CLI's files is not looked for.
 */
export function findPlainHttp({ endpointUrl, env }: EndpointChoice): string | undefined {
  const text = endpointUrl ?? readEnvironment(env);
  if (text === undefined || !URL.canParse(text)) return undefined;
  const { protocol, hostname, host } = new URL(text);
  return protocol === 'http:' && !isLoopback(hostname) ? host : undefined;
}

/** In the order in which the SDK looks. */
function readEnvironment(env: EndpointChoice['env']): string | undefined {
  if (env['AWS_IGNORE_CONFIGURED_ENDPOINT_URLS']?.toLowerCase() === 'true') return undefined;
  return env['AWS_ENDPOINT_URL_S3'] || env['AWS_ENDPOINT_URL'] || undefined;
}

function isLoopback(hostname: string): boolean {
  return /^(?:(?:.+\.)?localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname);
}
