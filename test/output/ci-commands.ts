/** What the runner of GitHub Actions does when a step says it, besides tokens that a workflow makes up. */
const GITHUB_COMMANDS = [
  ...['add-mask', 'add-matcher', 'add-path', 'debug', 'echo', 'endgroup', 'error', 'group', 'notice', 'remove-matcher'],
  ...['save-state', 'set-env', 'set-output', 'stop-commands', 'warning', 'internal-set-repo-path'],
];

export interface CiCommand {
  readonly name: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly data: string;
}

/** The commands that a runner of GitHub Actions finds in what a step prints, a line at a time, in both of its notations. */
export function githubCommandsIn(output: string): readonly CiCommand[] {
  return output.split(/\r\n|\r|\n/).flatMap((line) => {
    const found = readColons(line) ?? readBrackets(line);
    return found === undefined || !GITHUB_COMMANDS.includes(found.name.toLowerCase()) ? [] : [found];
  });
}

/** Lines in which Azure Pipelines or TeamCity find a command. */
export function otherCommandsIn(output: string): readonly string[] {
  return output.split(/\r\n|\r|\n/).filter((line) => /##(vso|teamcity)\[/i.test(line));
}

/** `::name key=value,key=value::data`, with white space of any kind before it. */
function readColons(line: string): CiCommand | undefined {
  const text = line.replace(/^[\s\u0085]+/, '');
  const end = text.indexOf('::', 2);
  if (!text.startsWith('::') || end < 0) return undefined;
  return readCommand(text.slice(2, end), { data: unescape(text.slice(end + 2)), separator: ',' });
}

/** `##[name key=value;key=value]data`, anywhere in the line. */
function readBrackets(line: string): CiCommand | undefined {
  const start = line.indexOf('##[');
  const end = line.indexOf(']', start);
  if (start < 0 || end < 0) return undefined;
  return readCommand(line.slice(start + 3, end), { data: unescape(line.slice(end + 1)), separator: ';' });
}

function readCommand(info: string, { data, separator }: { data: string; separator: string }): CiCommand {
  const [, name = '', rest = ''] = /^([^ ]*)(.*)$/.exec(info) ?? [];
  const pairs = rest.trim().split(separator);
  const properties = pairs.flatMap((pair) => {
    const at = pair.indexOf('=');
    return at > 0 ? [[pair.slice(0, at), unescape(pair.slice(at + 1))]] : [];
  });
  return { name, properties: Object.fromEntries(properties) as Record<string, string>, data };
}

function unescape(text: string): string {
  const plain = text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%3A', ':').replaceAll('%2C', ',');
  return plain.replaceAll('%25', '%');
}
