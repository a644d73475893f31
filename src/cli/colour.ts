export interface ColourChoice {
  readonly stream: { readonly isTTY?: boolean };
  readonly env: NodeJS.ProcessEnv;
  /** `--no-color` was given. */
  readonly noColour?: boolean;
}

/**
 * Whether a stream gets colour. The first that says something decides: `--no-color`, `NO_COLOR` (not empty, see
 * no-color.org), `FORCE_COLOR` (`0` and `false` mean no, anything else yes, as in chalk), `TERM=dumb`, then whether the
 * stream is a terminal. Ask once for each of stdout and stderr.
 */
export function wantsColour({ stream, env, noColour = false }: ColourChoice): boolean {
  if (noColour) return false;
  if ((env['NO_COLOR'] ?? '') !== '') return false;
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  if (env['TERM'] === 'dumb') return false;
  return stream.isTTY === true;
}
