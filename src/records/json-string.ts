/**
 * The text of a JSON string that lies, with its quotes, at `bytes[start..end)` and was checked before.
 * Halves of surrogate pairs come out as U+FFFD.
 */
export function readJsonString(bytes: Uint8Array, start: number, end: number): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8');
  const value = JSON.parse(text) as string;
  return text.includes('\\u') ? Buffer.from(value, 'utf8').toString('utf8') : value;
}

/**
 * JSON text whose escaped halves of surrogate pairs are `\ufffd` instead, because engines refuse them. Everything else is
 * left as it is, byte for byte.
 */
export function replaceLoneSurrogates(json: string): string {
  return json.replace(
    /\\(?:u([dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[dD][89a-fA-F][0-9a-fA-F]{2}|[^u]|u[0-9a-fA-F]{4})/g,
    (escape, pair: string | undefined) =>
      pair === undefined && /^\\u[dD][89a-fA-F]/.test(escape) ? '\\ufffd' : escape,
  );
}
