/**
 * Reads CSV as RFC 4180 has it: fields with commas between them, records with CRLF behind them, quotes doubled in quotes.
 * @throws Error for a text that is none
 */
export function parseCsv(text: string): readonly (readonly string[])[] {
  const records: string[][] = [];
  let at = 0;
  while (at < text.length) {
    const record: string[] = [];
    for (;;) {
      const { value, end } = parseField(text, at);
      record.push(value);
      at = end + 1;
      if (text[end] === ',') continue;
      if (text.slice(end, end + 2) !== '\r\n') throw new Error(`no CRLF at ${end}: ${text.slice(end, end + 20)}`);
      at = end + 2;
      break;
    }
    records.push(record);
  }
  return records;
}

function parseField(text: string, start: number): { readonly value: string; readonly end: number } {
  if (text[start] !== '"') {
    const [value = ''] = /^[^",\r\n]*/.exec(text.slice(start)) ?? [];
    return { value, end: start + value.length };
  }
  const [quoted] = /^"(?:[^"]|"")*"/.exec(text.slice(start)) ?? [];
  if (quoted === undefined) throw new Error(`no closing quote at ${start}`);
  return { value: quoted.slice(1, -1).replaceAll('""', '"'), end: start + quoted.length };
}
