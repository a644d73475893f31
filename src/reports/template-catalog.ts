import { readdirSync, readFileSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { closestName } from '../closest-name.js';
import { UserError } from '../errors.js';
import { packageFile } from '../package-file.js';
import { readNamedText } from '../queries/read-named-text.js';
import { parseTemplate } from './parse-template.js';
import type { ReportTemplate } from './report-template.js';

const FOLDER = packageFile('dist/reports/');
/** More is no report that somebody wrote. */
const MOST = { bytes: 1024 * 1024, fault: 'it has more than 1 MiB' };

/** The names of the reports that come with awsusage. */
export function templateNames(): readonly string[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.yml'))
    .map((file) => file.slice(0, -'.yml'.length))
    .sort();
}

/**
 * A report by its name, or a user's own file: what ends in `.yml` or `.yaml` or holds a path separator is a file.
 * @throws UserError for an unknown name, a file that cannot be read, or a fault in it, with line and column
 */
export function loadTemplate(nameOrPath: string): ReportTemplate {
  if (/\.ya?ml$|[/\\]/i.test(nameOrPath)) return readOwn(nameOrPath);
  if (!templateNames().includes(nameOrPath)) throw unknownName(nameOrPath);
  const file = `${nameOrPath}.yml`;
  const text = readFileSync(fileURLToPath(new URL(file, FOLDER)), 'utf8');
  return parseTemplate({ name: nameOrPath, file, text, isOurs: true, locate: (path) => path });
}

function readOwn(path: string): ReportTemplate {
  const locate = (question: string): string => (isAbsolute(question) ? question : join(dirname(path), question));
  const wayOut = `Give the path of a YAML file, or one of ${templateNames().join(', ')}.`;
  const text = readNamedText({ path, what: 'the report', wayOut, most: MOST });
  return parseTemplate({ name: path, file: path, text, isOurs: false, locate });
}

function unknownName(name: string): UserError {
  const names = templateNames();
  const meant = closestName(name, names);
  return new UserError(`There is no report called ${JSON.stringify(name)}`, {
    wayOut: [
      ...(meant === undefined ? [] : [`Did you mean ${meant}?`]),
      `The reports are: ${names.join(', ')}.`,
      'For a file of your own, give its path: ./my-report.yml',
    ],
  });
}
