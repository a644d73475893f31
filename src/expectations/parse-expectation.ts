import { closestName } from '../closest-name.js';
import { UserError } from '../errors.js';
import { parseJsonPath } from '../queries/json-path.js';
import {
  BOUND_OPERATORS,
  CONDITION_COLUMNS,
  CONDITION_OPERATORS,
  type Bound,
  type CallPattern,
  type Condition,
} from './expectation.js';
import { ExpectationError } from './expectation-error.js';

export interface ParsedExpectation {
  readonly pattern: CallPattern;
  readonly bound: Bound;
}

const AT_LEAST_ONE: Bound = { operator: '>=', calls: 1 };

/**
 * Reads `s3:PutObject Bucket=my-bucket >= 1`: a pattern, and how many calls there have to be (at least one where nothing is
 * said). The operator of a condition follows its field at once, that of the number follows a blank.
 * @throws ExpectationError with the place of what cannot be read
 */
export function parseExpectation(text: string): ParsedExpectation {
  const reader = new PatternReader(text, /[\s]/);
  const pattern = reader.pattern();
  const bound = reader.bound() ?? AT_LEAST_ONE;
  reader.end();
  return { pattern, bound };
}

/**
 * Reads patterns with commas between them: `s3:GetObject,dynamodb:* TableName=orders`. A value with a comma in it is quoted.
 * @throws ExpectationError with the place of what cannot be read
 */
export function parsePatterns(text: string): readonly CallPattern[] {
  const reader = new PatternReader(text, /[\s,]/);
  const patterns = [reader.pattern()];
  while (reader.comma()) patterns.push(reader.pattern());
  reader.end();
  return patterns;
}

/** Reads from the left to the right. */
class PatternReader {
  readonly #text: string;
  /** What ends a word that is not quoted. */
  readonly #ends: RegExp;
  #at = 0;

  constructor(text: string, ends: RegExp) {
    this.#text = text;
    this.#ends = ends;
  }

  pattern(): CallPattern {
    this.#skipBlanks();
    const from = this.#at;
    const action = this.#word();
    const colon = action.indexOf(':');
    if (action === '') throw this.#mistake('expected calls such as s3:PutObject', from);
    if (action === '*') return { service: '*', operation: '*', conditions: this.#conditions() };
    if (colon <= 0 || colon === action.length - 1)
      throw this.#mistake(`expected SERVICE:OPERATION, such as ${colon < 0 ? action : 's3'}:*`, from);
    return {
      service: action.slice(0, colon),
      operation: action.slice(colon + 1),
      conditions: this.#conditions(),
    };
  }

  bound(): Bound | undefined {
    this.#skipBlanks();
    const operator = BOUND_OPERATORS.find((known) => this.#text.startsWith(known, this.#at));
    if (operator === undefined) return undefined;
    this.#at += operator.length;
    this.#skipBlanks();
    const from = this.#at;
    const digits = this.#take(/\d+/y);
    const calls = Number(digits);
    if (digits === '' || !Number.isSafeInteger(calls))
      throw this.#mistake(`expected a number of calls behind ${operator}`, from);
    return { operator, calls };
  }

  comma(): boolean {
    this.#skipBlanks();
    return this.#take(/,/y) !== '';
  }

  end(): void {
    this.#skipBlanks();
    if (this.#at < this.#text.length)
      throw this.#mistake(
        `expected nothing more, and there is ${JSON.stringify(this.#text.slice(this.#at))}`,
        this.#at,
      );
  }

  #conditions(): Condition[] {
    const conditions: Condition[] = [];
    for (;;) {
      this.#skipBlanks();
      if (this.#at >= this.#text.length || /[<>=!,]/.test(this.#text[this.#at] ?? '')) return conditions;
      conditions.push(this.#condition());
    }
  }

  #condition(): Condition {
    const from = this.#at;
    const name = this.#take(/(?:\["(?:[^"\\]|\\.)*"\]|[^\s=!~<>,"'])+/y);
    const operator = CONDITION_OPERATORS.find((known) => this.#text.startsWith(known, this.#at));
    if (name === '') throw this.#mistake('expected a field of the request', from);
    if (operator === undefined)
      throw this.#mistake(`expected one of ${CONDITION_OPERATORS.join(' ')} right behind ${name}`, this.#at);
    this.#at += operator.length;
    const at = this.#at;
    if (at >= this.#text.length || this.#ends.test(this.#text[at] ?? ''))
      throw this.#mistake(`expected a value right behind ${operator}; an empty one is written ""`, at);
    const value = this.#word();
    return { field: this.#field(name, from), operator, value };
  }

  #field(name: string, from: number): Condition['field'] {
    if (!name.startsWith('@')) return { path: this.#path(name, from) };
    const column = CONDITION_COLUMNS.find((known) => known === name.slice(1).replaceAll('-', '_'));
    if (column !== undefined) return { column };
    const meant = closestName(name.slice(1), CONDITION_COLUMNS);
    const known = CONDITION_COLUMNS.map((one) => `@${one}`).join(', ');
    throw this.#mistake(
      `there is no ${name}; ${meant === undefined ? `known are ${known}` : `did you mean @${meant}?`}`,
      from,
    );
  }

  #path(name: string, from: number): ReturnType<typeof parseJsonPath> {
    try {
      return parseJsonPath(name);
    } catch (error) {
      throw error instanceof UserError ? this.#mistake(error.message, from) : error;
    }
  }

  /** A word as it stands, or in quotes; a backslash keeps a quote, or itself, in quotes. */
  #word(): string {
    const from = this.#at;
    const quote = this.#text[from];
    if (quote !== '"' && quote !== "'") {
      while (this.#at < this.#text.length && !this.#ends.test(this.#text[this.#at] ?? '')) this.#at += 1;
      return this.#text.slice(from, this.#at);
    }
    const quoted = this.#take(quote === '"' ? /"(?:[^"\\]|\\.)*"/sy : /'(?:[^'\\]|\\.)*'/sy);
    if (quoted === '') throw this.#mistake(`the ${quote} that begins here has no end`, from);
    return quoted.slice(1, -1).replace(/\\(["'\\])/g, '$1');
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const [found = ''] = pattern.exec(this.#text) ?? [];
    this.#at += found.length;
    return found;
  }

  #skipBlanks(): void {
    this.#take(/\s+/y);
  }

  #mistake(message: string, offset: number): ExpectationError {
    return new ExpectationError(message, offset);
  }
}
