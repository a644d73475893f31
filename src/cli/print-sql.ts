import type { Question } from '../queries/ask-questions.js';
import { replaceUnsafe, sanitizeForTerminal } from '../output/sanitize.js';
import { pickParameters } from '../queries/pick-parameters.js';
import { renderSql } from '../queries/render-sql.js';

/** Prints the SQL of the questions, with their parameters as comments. A user's own file may be a stranger's. */
export async function printSql(questions: readonly Question[]): Promise<void> {
  const texts = questions.map(({ query: { name, sql }, parameters }) =>
    renderSql({ name, sql, parameters: pickParameters(sql, parameters) }),
  );
  process.stdout.write(
    replaceUnsafe(texts.join('\n'), (character) =>
      /[\t\r\n]/.test(character) ? character : sanitizeForTerminal(character),
    ),
  );
}
