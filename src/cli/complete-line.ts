/** What of a flag the completion needs to know; the manifest has it. */
export interface KnownFlag {
  readonly type: 'boolean' | 'option';
  readonly char?: string | undefined;
  readonly options?: readonly string[] | undefined;
  readonly multiple?: boolean | undefined;
  readonly allowNo?: boolean | undefined;
  readonly hidden?: boolean | undefined;
  readonly description?: string | undefined;
}

export interface KnownCommand {
  /** With `:` between its words. */
  readonly id: string;
  readonly summary?: string | undefined;
  readonly args: Readonly<Record<string, { readonly options?: readonly string[] | undefined }>>;
  readonly flags: Readonly<Record<string, KnownFlag>>;
  /** False where it takes any number of words. */
  readonly strict: boolean;
}

/** Everything that a line may hold besides what the user makes up. What takes time to find is asked for only where it is needed. */
export interface KnownWords {
  readonly commands: readonly KnownCommand[];
  readonly questions: () => readonly Candidate[];
  /** The parameters that questions (with commas between them) add to the flags. */
  readonly parameters: (questions: string) => Readonly<Record<string, KnownFlag>>;
  /** The names of the configuration. */
  readonly sources: () => Promise<readonly Candidate[]>;
  /** The values of flags that no list of options says, by the flag's name. */
  readonly values: Readonly<Record<string, () => readonly string[] | Promise<readonly string[]>>>;
}

export interface Candidate {
  readonly value: string;
  readonly description?: string | undefined;
}

export interface Completion {
  readonly candidates: readonly Candidate[];
  /** Whether the name of a file or folder may stand there, too. */
  readonly files: boolean;
}

/** Flags whose value is a place, or may be one. */
const PLACES = ['to', 'quarantine', 'check', 'file', 'template'];
/** Flags whose value is a list with commas. */
const LISTS = ['by'];

const HELP: Readonly<Record<string, KnownFlag>> = { help: { type: 'boolean', description: 'show help' } };

/**
 * What may stand in the place of the last word of a command line.
 * @param words the words behind the program's name; the last is the beginning of the one that is asked for, and may be empty.
 *   `--flag=value` may be one word, or three, as bash has it
 */
export async function completeLine(words: readonly string[], known: KnownWords): Promise<Completion> {
  const isEqualsSign = (word: string, index: number): boolean =>
    word === '=' && words[index - 1]?.startsWith('--') === true;
  const word = isEqualsSign(words.at(-1) ?? '', words.length - 1) ? '' : (words.at(-1) ?? '');
  const before = words.slice(0, -1).filter((one, index) => !isEqualsSign(one, index));
  const { command, rest, below } = findCommand(before, known.commands);
  const subcommands = rest.length === 0 ? startingWith(word, below) : [];
  if (command === undefined) return { candidates: subcommands, files: false };
  const flags = { ...command.flags, ...HELP, ...ownFlags(command, rest, known) };
  const { given, positionals, open, isEnded } = readRest(rest, flags);
  if (open !== undefined) return valueOf(open, word, { flags, known });
  const [, name, value = ''] = (isEnded ? null : /^--([^=]+)=(.*)$/s.exec(word)) ?? [];
  if (name !== undefined) return withPrefix(`--${name}=`, await valueOf(name, value, { flags, known }));
  if (!isEnded && word.startsWith('-'))
    return { candidates: startingWith(word, flagsLeft(flags, given)), files: false };
  const { candidates, files } = await positionalOf(command, { positionals, word, known });
  return { candidates: [...subcommands, ...startingWith(word, candidates)], files };
}

interface FoundCommand {
  readonly command: KnownCommand | undefined;
  /** The words behind the command. */
  readonly rest: readonly string[];
  /** The next words of the commands that begin like this one. */
  readonly below: readonly Candidate[];
}

function findCommand(words: readonly string[], commands: readonly KnownCommand[]): FoundCommand {
  let length = 0;
  const idOf = (count: number): string => words.slice(0, count).join(':');
  const begins = (id: string): boolean => commands.some((one) => one.id === id || one.id.startsWith(`${id}:`));
  while (length < words.length && begins(idOf(length + 1))) length++;
  const id = idOf(length);
  const lead = length === 0 ? '' : `${id}:`;
  const next = new Map<string, string | undefined>();
  for (const one of commands.filter((each) => each.id.startsWith(lead) && each.id !== id)) {
    const [name = '', ...deeper] = one.id.slice(lead.length).split(':');
    if (deeper.length === 0 || !next.has(name)) next.set(name, deeper.length === 0 ? one.summary : undefined);
  }
  const below = [...next].map(([value, description]) => ({ value, description }));
  return { command: commands.find((one) => one.id === id), rest: words.slice(length), below };
}

/** The parameters of the questions that the line names. */
function ownFlags(
  { id }: KnownCommand,
  rest: readonly string[],
  known: KnownWords,
): Readonly<Record<string, KnownFlag>> {
  const names = id === 'query' ? rest.find((word) => !word.startsWith('-')) : undefined;
  return names === undefined ? {} : known.parameters(names);
}

interface ReadRest {
  readonly given: ReadonlySet<string>;
  readonly positionals: readonly string[];
  /** The flag that waits for its value. */
  readonly open: string | undefined;
  /** Whether a `--` came, behind which there are no flags. */
  readonly isEnded: boolean;
}

function readRest(words: readonly string[], flags: Readonly<Record<string, KnownFlag>>): ReadRest {
  const given = new Set<string>();
  const positionals: string[] = [];
  let open: string | undefined;
  let isEnded = false;
  for (const word of words) {
    if (open !== undefined) open = undefined;
    else if (isEnded || !/^-./.test(word)) positionals.push(word);
    else if (word === '--') isEnded = true;
    else {
      const name = nameOf(word, flags);
      given.add(name);
      if (!word.includes('=') && flags[name]?.type === 'option') open = name;
    }
  }
  return { given, positionals, open, isEnded };
}

function nameOf(word: string, flags: Readonly<Record<string, KnownFlag>>): string {
  if (!word.startsWith('--')) return Object.keys(flags).find((name) => flags[name]?.char === word[1]) ?? word;
  const name = word.slice(2).replace(/=.*/s, '');
  const positive = name.replace(/^no-/, '');
  return flags[name] === undefined && flags[positive]?.allowNo === true ? positive : name;
}

/** A flag is given once, but for those that may be repeated. */
function flagsLeft(flags: Readonly<Record<string, KnownFlag>>, given: ReadonlySet<string>): readonly Candidate[] {
  return Object.entries(flags)
    .filter(([name, { hidden, multiple }]) => hidden !== true && (multiple === true || !given.has(name)))
    .flatMap(([name, { allowNo, description }]) => [
      { value: `--${name}`, description },
      ...(allowNo === true ? [{ value: `--no-${name}`, description: `not: ${description ?? name}` }] : []),
    ]);
}

interface ValueContext {
  readonly flags: Readonly<Record<string, KnownFlag>>;
  readonly known: KnownWords;
}

async function valueOf(name: string, word: string, { flags, known }: ValueContext): Promise<Completion> {
  const values = flags[name]?.options ?? (await known.values[name]?.()) ?? [];
  const candidates = values.map((value) => ({ value }));
  const offered = LISTS.includes(name) ? afterComma(word, candidates) : candidates;
  return { candidates: startingWith(word, offered), files: PLACES.includes(name) };
}

interface PositionalContext {
  readonly positionals: readonly string[];
  readonly word: string;
  readonly known: KnownWords;
}

async function positionalOf(
  { id, args, strict }: KnownCommand,
  { positionals, word, known }: PositionalContext,
): Promise<Completion> {
  if (id === 'query' && positionals.length === 0)
    return { candidates: afterComma(word, known.questions()), files: true };
  if (id === 'schema') return { candidates: commandWords(positionals, known), files: false };
  const options = Object.values(args)[positionals.length]?.options;
  if (options !== undefined) return { candidates: options.map((value) => ({ value })), files: false };
  // What is named takes no more than its words, and a SELECT is nobody's to guess; all else takes sources.
  if (strict || positionals.length < Object.keys(args).length)
    return { candidates: [], files: !strict && id !== 'sql' };
  return { candidates: await known.sources(), files: true };
}

/** `services,to` → `services,top-operations`; what is there is not offered again. */
function afterComma(word: string, candidates: readonly Candidate[]): readonly Candidate[] {
  const lead = word.slice(0, word.lastIndexOf(',') + 1);
  const given = lead.split(',');
  const left = candidates.filter(({ value }) => !given.includes(value));
  return left.map(({ value, description }) => ({ value: `${lead}${value}`, description }));
}

/** The next word of the commands that have `--json`. */
function commandWords(words: readonly string[], { commands }: KnownWords): readonly Candidate[] {
  return findCommand(
    words,
    commands.filter(({ flags }) => flags['json'] !== undefined),
  ).below;
}

function startingWith(word: string, candidates: readonly Candidate[]): readonly Candidate[] {
  return candidates.filter(({ value }) => value.startsWith(word));
}

function withPrefix(prefix: string, { candidates, files }: Completion): Completion {
  return { candidates: candidates.map((one) => ({ ...one, value: `${prefix}${one.value}` })), files };
}
