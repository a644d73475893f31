import { isAlias, isMap, isScalar, isSeq, type Pair, type YAMLMap } from 'yaml';
import { closestName } from '../closest-name.js';
import { UserError } from '../errors.js';
import { parseYaml, YamlMistake, type ParsedYaml, type TextPlace } from '../yaml/parse-yaml.js';

/** A place in a file, for errors: `report.yml:3:5`. */
export interface YamlPlace {
  readonly at: string;
}

/** Says that something is wrong at a place of a file. */
export function faultAt({ at }: YamlPlace, fault: string, wayOut: readonly string[] = []): UserError {
  return new UserError(`${at}: ${fault}`, { wayOut });
}

/**
 * Reads a text of YAML that is one mapping.
 * @param file the name for errors
 * @throws UserError with line and column for what is no YAML, or no mapping
 */
export function readYaml(text: string, file: string): YamlMapping {
  const inFile = ({ line, column }: TextPlace): YamlPlace => ({ at: `${file}:${line}:${column}` });
  const { root, placeOf } = parsed(text, inFile);
  const find = (offset: number | undefined): YamlPlace => inFile(placeOf(offset ?? 0));
  if (!isMap(root)) throw faultAt(find(0), 'a report is a mapping with "title" and "sections"');
  return new YamlMapping(root as YAMLMap, find);
}

function parsed(text: string, inFile: (place: TextPlace) => YamlPlace): ParsedYaml {
  try {
    return parseYaml(text);
  } catch (error) {
    throw error instanceof YamlMistake ? faultAt(inFile(error.place), error.message) : error;
  }
}

type FindPlace = (offset: number | undefined) => YamlPlace;

/** A mapping of a file. What is read of it has to be known; each fault names line and column. */
export class YamlMapping {
  readonly place: YamlPlace;
  readonly #map: YAMLMap;
  readonly #find: FindPlace;

  constructor(map: YAMLMap, find: FindPlace) {
    this.#map = map;
    this.#find = find;
    this.place = find(map.range?.[0]);
    const names = this.names();
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) throw faultAt(this.#placeOfKey(twice), `"${twice}" comes twice`);
  }

  /** The keys in their order. */
  names(): readonly string[] {
    return this.#map.items.map((pair) => this.#nameOf(pair));
  }

  /** @throws UserError for a key that is none of these, with the one that was meant */
  expectNames(known: readonly string[]): void {
    const unknown = this.names().find((name) => !known.includes(name));
    if (unknown === undefined) return;
    const meant = closestName(unknown, known);
    throw faultAt(this.#placeOfKey(unknown), `unknown key "${unknown}"`, [
      ...(meant === undefined ? [] : [`Did you mean ${meant}?`]),
      `The keys are: ${known.join(', ')}.`,
    ]);
  }

  /** Where a value stands, or its key where it has none. */
  placeOf(name: string): YamlPlace {
    const pair = this.#pair(name);
    const node = (pair?.value ?? pair?.key) as { range?: readonly number[] | null } | undefined;
    return this.#find(node?.range?.[0] ?? this.#map.range?.[0]);
  }

  #placeOfKey(name: string): YamlPlace {
    const { range } = (this.#pair(name)?.key ?? {}) as { range?: readonly number[] | null };
    return this.#find(range?.[0] ?? this.#map.range?.[0]);
  }

  /** A text as it is written; numbers and words like `yes` too. */
  text(name: string): string | undefined {
    const value = this.#value(name);
    if (value === undefined) return undefined;
    return scalarText(value) ?? this.#refuse(name, 'a text');
  }

  /** @throws UserError where it is missing or empty */
  requiredText(name: string): string {
    const text = this.text(name)?.trim();
    if (text === undefined || text === '') throw faultAt(this.placeOf(name), `"${name}" is missing`);
    return text;
  }

  boolean(name: string): boolean | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    if (['true', 'yes'].includes(text)) return true;
    return ['false', 'no'].includes(text) ? false : this.#refuse(name, 'yes or no');
  }

  /** A whole number, 0 or more. */
  count(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    return /^\d{1,9}$/.test(text) ? Number(text) : this.#refuse(name, 'a whole number');
  }

  choice<T extends string>(name: string, choices: readonly T[]): T | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const found = choices.find((choice) => choice === text);
    if (found !== undefined) return found;
    const meant = closestName(text, choices);
    throw faultAt(this.placeOf(name), `"${name}" is one of ${choices.join(', ')}`, [
      ...(meant === undefined ? [] : [`Did you mean ${meant}?`]),
    ]);
  }

  /** A list of texts, or one text. */
  texts(name: string): readonly string[] {
    const value = this.#value(name);
    if (value === undefined) return [];
    const items = isSeq(value) ? value.items.map(scalarText) : [scalarText(value)];
    return items.map((item) => item ?? this.#refuse(name, 'a text or a list of texts'));
  }

  mapping(name: string): YamlMapping | undefined {
    const value = this.#value(name);
    if (value === undefined) return undefined;
    return isMap(value) ? new YamlMapping(value as YAMLMap, this.#find) : this.#refuse(name, 'a mapping');
  }

  /** A list of mappings. */
  mappings(name: string): readonly YamlMapping[] {
    const value = this.#value(name);
    if (value === undefined) return [];
    if (!isSeq(value)) return this.#refuse(name, 'a list');
    return value.items.map((item) =>
      isMap(item) ? new YamlMapping(item as YAMLMap, this.#find) : this.#refuse(name, 'a list of mappings'),
    );
  }

  #value(name: string): unknown {
    const value = this.#pair(name)?.value ?? undefined;
    if (isAlias(value)) throw faultAt(this.placeOf(name), 'aliases are not understood here');
    return isScalar(value) && value.value === null ? undefined : value;
  }

  #pair(name: string): Pair | undefined {
    return this.#map.items.find(({ key }) => isScalar(key) && String(key.value) === name);
  }

  #nameOf({ key }: Pair): string {
    if (isScalar(key) && key.value !== null) return String(key.value);
    throw faultAt(this.place, 'a key has to be a plain word');
  }

  #refuse(name: string, wanted: string): never {
    throw faultAt(this.placeOf(name), `"${name}" has to be ${wanted}`);
  }
}

/** The text of a scalar; a plain one as it stands there, so that `1.10` and `2026-10-01` are not read as something else. */
function scalarText(value: unknown): string | undefined {
  if (!isScalar(value)) return undefined;
  const isPlain = value.type === 'PLAIN' && value.source !== undefined;
  return isPlain ? value.source : String(value.value);
}
