import type { RowStream } from '../engines/engine.js';
import { keyedColumns, renderJsonArray } from './json.js';
import { JSON_VERSION } from './json-version.js';
import { quoteJson, stringifyJson } from './stringify-json.js';

export interface JsonAnswer extends RowStream {
  /** The question's name, or its SQL. */
  readonly query: string;
}

export interface JsonAnswerOptions {
  /** One answer, or several; each is asked for when the one before has been written. */
  readonly answers: Iterable<JsonAnswer> | AsyncIterable<JsonAnswer>;
  /** Whether the answers go into a list `queries`; otherwise there is one. */
  readonly many: boolean;
  /** Called when all rows have been written, since only then all is counted. */
  readonly accounting: () => unknown;
  /** More members of the outermost object, written before `accounting`. */
  readonly extra?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * What `--json` prints, streamed: `{version, query, columns: [{name, type}], rows, accounting}`, or
 * `{version, queries: [{query, columns, rows}, …], accounting}`. Rows are objects as in `renderJson`; `columns` has their keys.
 */
export async function* renderJsonAnswer(options: JsonAnswerOptions): AsyncIterable<string> {
  yield `{\n  "version": ${JSON_VERSION},\n`;
  yield* options.many ? renderList(options.answers) : renderMembers(options.answers);
  for (const [name, value] of Object.entries(options.extra ?? {})) {
    if (value !== undefined) yield `  ${quoteJson(name)}: ${indented(value)},\n`;
  }
  yield `  "accounting": ${indented(options.accounting())}\n}\n`;
}

async function* renderList(answers: JsonAnswerOptions['answers']): AsyncIterable<string> {
  yield '  "queries": [';
  let separator = '\n';
  for await (const answer of answers) {
    yield `${separator}    {\n`;
    yield* renderAnswer(answer, '      ');
    yield '\n    }';
    separator = ',\n';
  }
  yield separator === '\n' ? '],\n' : '\n  ],\n';
}

async function* renderMembers(answers: JsonAnswerOptions['answers']): AsyncIterable<string> {
  for await (const answer of answers) {
    yield* renderAnswer(answer, '  ');
    yield ',\n';
  }
}

async function* renderAnswer({ query, columns, chunks }: JsonAnswer, margin: string): AsyncIterable<string> {
  const named = keyedColumns(columns).map(({ name, type }) => ({ name, type }));
  yield `${margin}"query": ${quoteJson(query)},\n${margin}"columns": ${stringifyJson(named)},\n${margin}"rows": `;
  yield* renderJsonArray({ columns, chunks }, `${margin}  `);
}

function indented(value: unknown): string {
  return stringifyJson(value, 2).replaceAll('\n', '\n  ');
}
