import { UserError } from '../errors.js';
import type { Column, Row } from '../engines/engine.js';
import { PICTURE_FORMATS, renderRows, type OutputFormat } from '../output/row-formats.js';
import { jsonRowWriter } from '../output/json.js';
import { JSON_VERSION } from '../output/json-version.js';
import { quoteJson, stringifyJson } from '../output/stringify-json.js';
import type { OutputFlags } from './flags.js';
import { terminalOptions } from './terminal-options.js';
import { writeStdout } from './write-stdout.js';

/** A small table under a title. */
export interface Section {
  /** In lower case; with `_` for spaces it is the key of the section in JSON. */
  readonly title: string;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
}

/**
 * Prints tables under their titles to stdout, in the format that the flags ask for; JSON is one object of lists of rows, with
 * the members of `extra` behind them.
 */
export async function printSections(
  sections: readonly Section[],
  flags: OutputFlags,
  extra: Readonly<Record<string, unknown>> = {},
): Promise<'written' | 'closed'> {
  const asJson = flags.json || flags.output === 'json';
  return writeStdout(asJson ? renderObject(sections, extra) : renderTables(sections, flags), process.stdout);
}

/** Formats that are rows of one kind, and so have no place for several tables; `printSections` makes an object of JSON. */
export const ROW_FORMATS: readonly OutputFormat[] = ['csv', 'ndjson', ...PICTURE_FORMATS];

/**
 * Makes sure that the output asked for can hold several tables.
 * @param what what was to be printed
 * @throws UserError when it is one of `formats`, and `--json` was not given
 */
export function refuseFormats(what: string, formats: readonly OutputFormat[], { output, json }: OutputFlags): void {
  if (json || !formats.includes(output)) return;
  throw new UserError(`Cannot print ${what} as ${output}: their rows have different columns`, {
    wayOut: 'Use --json for one object with all of it, or --output table or markdown.',
  });
}

async function* renderTables(sections: readonly Section[], flags: OutputFlags): AsyncIterable<string> {
  for (const [index, { title, columns, rows }] of sections.entries()) {
    if (sections.length > 1)
      yield `${index === 0 ? '' : '\n'}${flags.output === 'markdown' ? `## ${title}\n` : title}\n`;
    yield* renderRows(flags.output, { ...terminalOptions(flags), columns, chunks: once(rows) });
  }
}

async function* renderObject(
  sections: readonly Section[],
  extra: Readonly<Record<string, unknown>>,
): AsyncIterable<string> {
  const lists = sections.map(({ title, columns, rows }) => {
    const object = jsonRowWriter(columns);
    const lines = rows.map((row) => `    ${object(row)}`);
    return `  ${quoteJson(title.replaceAll(' ', '_'))}: [${lines.length === 0 ? '' : `\n${lines.join(',\n')}\n  `}]`;
  });
  const more = Object.entries(extra).map(([name, value]) => `  ${quoteJson(name)}: ${stringifyJson(value)}`);
  yield `{\n  "version": ${JSON_VERSION},\n${[...lists, ...more].join(',\n')}\n}\n`;
}

async function* once(rows: readonly Row[]): AsyncIterable<readonly Row[]> {
  if (rows.length > 0) yield rows;
}
