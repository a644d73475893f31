import type { Config } from '@oclif/core';
import { DIMENSION_NAMES } from '../calls/call-dimensions.js';
import { LOG_FORMATS } from '../formats/format-catalog.js';
import { sanitizeForTerminal } from '../output/sanitize.js';
import { listQueries, loadQuery } from '../queries/query-catalog.js';
import { completeLine, type Candidate, type KnownCommand, type KnownFlag, type KnownWords } from './complete-line.js';
import { findConfig, readConfig } from './config-file.js';

/**
 * Prints what may stand in the place of the last word, for the shell that asks: a line each, with a tab before what is said of
 * it, and at the end `:files` where a file may stand there, too, else `:none`. What cannot be read is left out: nobody wants an
 * error in the middle of a line.
 */
export async function printCompletions(words: readonly string[], config: Config): Promise<void> {
  const { candidates, files } = await completeLine(words, knownWords(config));
  const lines = candidates.map(({ value, description = '' }) => `${value}\t${description}`);
  process.stdout.write([...lines.map(plainLine), files ? ':files' : ':none', ''].join('\n'));
}

function knownWords({ commands }: Config): KnownWords {
  return {
    commands: commands.filter(({ hidden }) => !hidden).map((command) => command as KnownCommand),
    questions: () => listQueries().map(({ name, summary }) => ({ value: name, description: summary })),
    parameters: parametersOf,
    sources: listSources,
    values: {
      format: () => LOG_FORMATS.map(({ name }) => name),
      by: () => DIMENSION_NAMES,
      month: () => ['last'],
      template: async () => (await import('../reports/template-catalog.js')).templateNames(),
      timezone: () => Intl.supportedValuesOf('timeZone'),
    },
  };
}

function parametersOf(questions: string): Readonly<Record<string, KnownFlag>> {
  const names = questions.split(',').map((name) => name.trim());
  return Object.fromEntries(
    names.flatMap((name) => {
      const parameters = orNothing(() => loadQuery(name).parameters) ?? [];
      return parameters.map(({ name: flag, type, description }): [string, KnownFlag] => [
        flag,
        { type: type === 'boolean' ? 'boolean' : 'option', multiple: type === 'list', description },
      ]);
    }),
  );
}

async function listSources(): Promise<readonly Candidate[]> {
  const { path } = await findConfig(process.cwd());
  const found = path === undefined ? undefined : await readConfig(path).catch(() => undefined);
  return [...(found?.sources ?? [])].map(([value, { locations }]) => ({ value, description: locations.join(', ') }));
}

function orNothing<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** A summary or a place may hold anything; the tab before it stays. */
function plainLine(line: string): string {
  return line.split('\t').slice(0, 2).map(sanitizeForTerminal).join('\t');
}
