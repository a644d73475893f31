import { expect, test } from 'vitest';
import { formatGithubAnnotation } from '../../src/output/github-annotation.js';
import { githubCommandsIn } from './ci-commands.js';
import { HOSTILE_STRINGS } from './hostile-strings.js';
import { dangerIn } from './dangerous-characters.js';
import { sanitizeLines } from '../../src/output/sanitize.js';

test.each([
  ['plain', 'title', 'message', '::error title=title::message'],
  ['several lines', 't', 'one\ntwo', '::error title=t::one%0Atwo'],
  ['what separates', 'a: b, c', 'a: b, c', '::error title=a%3A b%2C c::a: b, c'],
  ['per cent signs', '100%', '100%0A', '::error title=100%25::100%250A'],
  ['an end of the line that nobody meant', 't\r\nu', 'a\rb', '::error title=t\\r%0Au::a\\rb'],
])('%s', (_, title, message, line) => {
  expect(formatGithubAnnotation({ level: 'error', title, message })).toBe(line);
});

test.each(HOSTILE_STRINGS)('%j is read back by the runner as it would be shown, and as nothing else', (text) => {
  const line = formatGithubAnnotation({ level: 'warning', title: `t${text}`, message: `m${text}` });
  const [title, data] = [sanitizeLines(`t${text}`), sanitizeLines(`m${text}`)];
  expect(githubCommandsIn(line)).toEqual([{ name: 'warning', properties: { title }, data }]);
  expect(line).not.toContain('\n');
  expect(dangerIn(line)).toEqual([]);
});
