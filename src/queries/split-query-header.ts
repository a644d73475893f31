import { UserError } from '../errors.js';

/** One entry of a header: `-- key: text`, with the indented lines below it. */
export interface HeaderEntry {
  readonly key: string;
  readonly text: string;
  readonly lines: readonly HeaderLine[];
  /** Counted from 1. */
  readonly line: number;
}

export interface HeaderLine {
  readonly text: string;
  readonly line: number;
}

export interface SplitHeader {
  readonly entries: readonly HeaderEntry[];
  /** The SQL below the header, without blank lines around it. */
  readonly body: string;
}

const ENTRY = /^-- ([a-z]+): ?(.*)$/;
const CONTINUATION = /^-- {3}(.*)$/;

/**
 * Cuts the text of a question into the entries of its header and the SQL below it. The header is every comment line
 * before the first other line. A file whose first line is not `-- summary: …` has no header.
 * @param file the name for error messages
 * @throws UserError that names the file and the line of a header line that is neither an entry, nor indented by three
 *   spaces below one, nor empty (`--`)
 */
export function splitQueryHeader(text: string, file: string): SplitHeader {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  if (!lines[0]?.startsWith('-- summary:')) return { entries: [], body: lines.join('\n').trim() };
  const firstOther = lines.findIndex((line) => !line.startsWith('--'));
  const end = firstOther === -1 ? lines.length : firstOther;
  const entries: (HeaderEntry & { lines: HeaderLine[] })[] = [];
  lines.slice(0, end).forEach((text, index) => {
    const line = index + 1;
    const [, key, rest = ''] = ENTRY.exec(text) ?? [];
    const more = CONTINUATION.exec(text)?.[1];
    if (key !== undefined) entries.push({ key, text: rest.trim(), lines: [], line });
    else if (more !== undefined) entries.at(-1)?.lines.push({ text: more.trimEnd(), line });
    else if (text.trimEnd() !== '--') throw unreadableLine(file, { text, line });
  });
  return { entries, body: lines.slice(end).join('\n').trim() };
}

function unreadableLine(file: string, { text, line }: HeaderLine): UserError {
  return new UserError(`${file}:${line}: this line of the header is not understood: ${text}`, {
    wayOut: [
      'Write "-- key: text", or "--   more" (three spaces) below it, or "--".',
      'Leave an empty line between the header and other comments.',
    ],
  });
}
