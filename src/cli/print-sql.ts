import type { Question } from '../queries/ask-questions.js';
import { pickParameters } from '../queries/pick-parameters.js';
import { renderSql } from '../queries/render-sql.js';

/** Prints the SQL of the questions, with their parameters as comments. */
export async function printSql(questions: readonly Question[]): Promise<void> {
  const texts = questions.map(({ query: { name, sql }, parameters }) =>
    renderSql({ name, sql, parameters: pickParameters(sql, parameters) }),
  );
  process.stdout.write(texts.join('\n'));
}
