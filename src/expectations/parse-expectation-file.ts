import { isMap, isScalar, isSeq, type Node, type Pair, type Scalar, type YAMLMap } from 'yaml';
import { UserError } from '../errors.js';
import { parseYaml, YamlMistake, type ParsedYaml, type TextPlace } from '../yaml/parse-yaml.js';
import { ExpectationError } from './expectation-error.js';
import type { Expectation } from './expectation.js';
import { makeExpectation, SORTS, type Sort } from './make-expectation.js';

const KNOWN: readonly string[] = ['name', 'reason', ...SORTS];
const EXAMPLE = [
  'For example:',
  '  expectations:',
  '    - name: the result is stored',
  '      reason: the next job reads it',
  '      expect: s3:PutObject Bucket=results >= 1',
  '    - deny: iam:*',
];

/**
 * The expectations of a YAML file: a list, or a list under `expectations`. Each has one of `expect`, `allow`, `deny`,
 * `max-calls` and `no-errors`, and may have a name and a reason.
 * @param name of the file, for errors
 * @throws UserError with line and column of what cannot be read
 */
export function parseExpectationFile(text: string, name: string): readonly Expectation[] {
  try {
    return new FileReader(text, name, parseYaml(text)).expectations();
  } catch (error) {
    throw error instanceof YamlMistake ? mistakeAt(name, error.place, error.message) : error;
  }
}

class FileReader {
  readonly #text: string;
  readonly #name: string;
  readonly #parsed: ParsedYaml;

  constructor(text: string, name: string, parsed: ParsedYaml) {
    this.#text = text;
    this.#name = name;
    this.#parsed = parsed;
  }

  expectations(): readonly Expectation[] {
    const { root } = this.#parsed;
    const list = isMap(root) ? this.#only(root, 'expectations') : root;
    if (!isSeq(list)) throw this.#mistake('expected a list of expectations', list);
    if (list.items.length === 0) throw this.#mistake('there is no expectation in the list', list);
    return list.items.map((item) => this.#expectation(item as Node | null));
  }

  #only(map: YAMLMap, key: string): Node | null {
    for (const pair of map.items as Pair<Node, Node | null>[])
      if (this.#key(pair) !== key && this.#key(pair) !== 'version')
        throw this.#mistake(`there is no ${JSON.stringify(this.#key(pair))} here; expected ${key}`, pair.key);
    return (map.get(key, true) as Node | undefined) ?? null;
  }

  #expectation(item: Node | null): Expectation {
    if (!isMap(item)) throw this.#mistake(`expected an expectation, with one of ${SORTS.join(', ')}`, item);
    const pairs = item.items as Pair<Node, Node | null>[];
    const unknown = pairs.find((pair) => !KNOWN.includes(this.#key(pair)));
    if (unknown !== undefined)
      throw this.#mistake(
        `there is no ${JSON.stringify(this.#key(unknown))}; known are ${KNOWN.join(', ')}`,
        unknown.key,
      );
    const sorts = pairs.filter((pair) => isSort(this.#key(pair)));
    const [first, second] = sorts;
    if (first === undefined) throw this.#mistake(`expected one of ${SORTS.join(', ')}`, item);
    if (second !== undefined)
      throw this.#mistake(`there is ${this.#key(first)} already; one expectation has one of them`, second.key);
    const name = this.#label(pairs, 'name');
    const reason = this.#label(pairs, 'reason');
    const made = this.#make(this.#key(first) as Sort, first);
    return { ...made, ...(name === undefined ? {} : { name }), ...(reason === undefined ? {} : { reason }) };
  }

  #make(sort: Sort, { key, value }: Pair<Node, Node | null>): Expectation {
    if (sort === 'no-errors') {
      if (!isScalar(value) || value.value !== true) throw this.#mistake('expected true', value ?? key);
      return makeExpectation(sort, '');
    }
    if (sort === 'max-calls') {
      const calls = isScalar(value) ? value.value : undefined;
      if (typeof calls !== 'number' || !Number.isSafeInteger(calls) || calls < 0)
        throw this.#mistake('expected a whole number of calls', value ?? key);
      return makeExpectation(sort, String(calls));
    }
    return sort === 'expect' || !isSeq(value)
      ? this.#fromText(sort, value ?? key)
      : this.#fromList(sort, value.items as Node[], value);
  }

  /** A list of patterns is what they are with commas between them. */
  #fromList(sort: Sort, items: readonly (Node | null)[], list: Node): Expectation {
    if (items.length === 0) throw this.#mistake('the list is empty', list);
    const made = items.map((item) => this.#fromText(sort, item ?? list));
    const patterns = made.flatMap(({ counted }) => ('patterns' in counted ? counted.patterns : []));
    const [first] = made as [Expectation];
    const name = [first.name, ...items.slice(1).map((item) => (isScalar(item) ? String(item.value) : ''))].join(',');
    return { ...first, name, counted: { kind: sort === 'allow' ? 'others' : 'matching', patterns } };
  }

  #fromText(sort: Sort, node: Node): Expectation {
    if (!isScalar(node) || typeof node.value !== 'string' || node.value.trim() === '')
      throw this.#mistake('expected a text such as s3:PutObject Bucket=results', node);
    try {
      return makeExpectation(sort, node.value);
    } catch (error) {
      if (!(error instanceof ExpectationError)) throw error;
      throw this.#mistakeAt(error.message, this.#placeIn(node, error.offset));
    }
  }

  /** Where a character of a text is in the file, as far as it stands there as it is. */
  #placeIn({ type, range }: Scalar, offset: number): number {
    const [from = 0, to = 0] = range ?? [];
    const isPlain = type === 'PLAIN' || type === 'QUOTE_SINGLE' || type === 'QUOTE_DOUBLE';
    if (!isPlain || this.#text.slice(from, to).includes('\n')) return from;
    return from + offset + (type === 'PLAIN' ? 0 : 1);
  }

  #label(pairs: readonly Pair<Node, Node | null>[], key: string): string | undefined {
    const pair = pairs.find((one) => this.#key(one) === key);
    if (pair === undefined) return undefined;
    if (!isScalar(pair.value) || pair.value.value === null || String(pair.value.value).trim() === '')
      throw this.#mistake(`expected a text for the ${key}`, pair.value ?? pair.key);
    return String(pair.value.value);
  }

  #key({ key }: Pair<Node, Node | null>): string {
    return isScalar(key) ? String(key.value) : '';
  }

  #mistake(problem: string, node: Node | null): UserError {
    return this.#mistakeAt(problem, node?.range?.[0] ?? 0);
  }

  #mistakeAt(problem: string, offset: number): UserError {
    return mistakeAt(this.#name, this.#parsed.placeOf(offset), problem);
  }
}

function mistakeAt(name: string, { line, column }: TextPlace, problem: string): UserError {
  return new UserError(`Cannot use ${name}: line ${line}, column ${column}: ${problem}`, { wayOut: EXAMPLE });
}

function isSort(key: string): key is Sort {
  return SORTS.some((sort) => sort === key);
}
