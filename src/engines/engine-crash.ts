export interface CrashFacts {
  /** Where a signal ended the process. */
  readonly signal: string | null;
  /** Where it ended itself. */
  readonly exitCode: number | null;
  /** The last of what it wrote to stderr; empty where it said nothing. */
  readonly said: string;
}

/** What a signal usually means for a process that nobody here has ended. */
const MEANINGS: Readonly<Record<string, string>> = {
  SIGKILL: 'which systems send where memory runs out',
  SIGSEGV: 'an access outside its memory',
  SIGABRT: 'it gave up',
};

const LONGEST_QUOTE = 200;

/** The process of an engine ended by itself; what it was doing is undone or of unknown outcome. */
export class EngineCrash extends Error implements CrashFacts {
  readonly signal: string | null;
  readonly exitCode: number | null;
  readonly said: string;

  constructor({ signal, exitCode, said }: CrashFacts) {
    super(`The engine's process has crashed: ${describeEnd({ signal, exitCode })}${quoteFirstLine(said)}`);
    this.name = 'EngineCrash';
    this.signal = signal;
    this.exitCode = exitCode;
    this.said = said;
  }
}

function describeEnd({ signal, exitCode }: Omit<CrashFacts, 'said'>): string {
  if (signal === null) return `it ended with exit code ${String(exitCode)}`;
  const meaning = MEANINGS[signal];
  return meaning === undefined ? `it was ended by ${signal}` : `it was ended by ${signal}, ${meaning}`;
}

function quoteFirstLine(said: string): string {
  const line = said.split('\n').find((one) => /[a-z]/i.test(one));
  return line === undefined ? '' : `; it said: ${line.trim().slice(0, LONGEST_QUOTE)}`;
}
