import { dirname, isAbsolute, join } from 'node:path';

import { UserError } from '../errors.js';

/** What may be said of a place besides where it is. */
export interface SourceSettings {
  /** As `--lateness` takes it: `24h`. */
  readonly lateness?: string;
  /** As `--endpoint-url`, `--region` and `--profile` take them; for buckets. */
  readonly endpointUrl?: string;
  readonly region?: string;
  readonly profile?: string;
}

/** One name of the configuration: where it leads, how late objects may arrive there, how buckets are reached. */
export interface ConfiguredSource extends SourceSettings {
  /** Absolute paths, globs, or addresses such as `s3://bucket/prefix/`; at least one. */
  readonly locations: readonly string[];
}

/** What `awsusage.config.json` says. */
export interface Config {
  readonly path: string;
  readonly sources: ReadonlyMap<string, ConfiguredSource>;
  /** As they were written; what a format means is checked in `formats/`. */
  readonly formats: readonly unknown[];
  /** As it was written; what snapshots are made by is checked in `calls/`. */
  readonly snapshots?: unknown;
  /** What is read when nothing else is asked for. */
  readonly defaultSource?: ConfiguredSource;
}

interface Surroundings {
  /** The configuration's own path. */
  readonly path: string;
  readonly home: string;
}

/** A value with its place in the file, such as `sources.prod.lateness`. */
interface Placed {
  readonly value: unknown;
  readonly place: string;
  readonly from: Surroundings;
}

/** What may be a name: nothing that looks like a path. */
export const SOURCE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;
/** Each setting of a source: what its text has to be, and how to say so. */
const SETTINGS: Readonly<Record<keyof SourceSettings, { readonly pattern: RegExp; readonly expected: string }>> = {
  lateness: { pattern: /^[0-9]+[smhdw]$/, expected: 'a span of time such as "24h" or "2d"' },
  endpointUrl: {
    pattern: /^https?:\/\/[^/?#@\s]+(?:\/[^?#\s]*)?$/,
    expected: 'an address such as "http://localhost:4566"',
  },
  region: { pattern: /^[a-z0-9-]+$/, expected: 'the name of a region such as "eu-central-1"' },
  profile: { pattern: /\S/, expected: 'the name of a profile of ~/.aws/config' },
};
const ADDRESS = /^[a-z][a-z0-9+.-]*:\/\//i;

/**
 * Checks a configuration (a value that `JSON.parse` gave) and makes its sources absolute. The same rules, and
 * those for the inside of formats, are written down in `awsusage.config.schema.json`.
 * @throws UserError naming the file and the place in it.
 */
export function parseConfig(value: unknown, from: Surroundings): Config {
  const root = readObject({ value, place: '', from }, ['$schema', 'sources', 'formats', 'snapshots', 'defaults']);
  if (root.has('$schema')) readText(root.get('$schema'));
  const sources = readSources(root.get('sources'));
  const defaultSource = readDefaultSource(root.get('defaults'), sources);
  const formats = readFormats(root.get('formats'));
  const snapshots = root.get('snapshots')?.value;
  return {
    path: from.path,
    sources,
    formats,
    ...(snapshots === undefined ? {} : { snapshots }),
    ...(defaultSource === undefined ? {} : { defaultSource }),
  };
}

function readSources(placed: Placed | undefined): ReadonlyMap<string, ConfiguredSource> {
  if (placed === undefined) return new Map();
  const entries = [...readObject(placed)].map(([name, source]) => {
    if (!SOURCE_NAME.test(name)) throw mistake(source, 'a name has letters, digits, ".", "_" and "-" only');
    return [name, readSource(source)] as const;
  });
  return new Map(entries);
}

function readSource(placed: Placed): ConfiguredSource {
  if (typeof placed.value === 'string' || Array.isArray(placed.value)) return { locations: readLocations(placed) };
  const object = readObject(placed, ['source', ...Object.keys(SETTINGS)]);
  const source = object.get('source');
  if (source === undefined) throw mistake(placed, 'it has no "source"');
  const settings = Object.entries(SETTINGS).flatMap(([name, rule]) => {
    const setting = object.get(name);
    return setting === undefined ? [] : [[name, readSetting(setting, rule)] as const];
  });
  return { locations: readLocations(source), ...Object.fromEntries(settings) };
}

function readLocations(placed: Placed): readonly string[] {
  if (!Array.isArray(placed.value)) return [readLocation(placed)];
  if (placed.value.length === 0) throw mistake(placed, 'it is empty');
  return placed.value.map((value: unknown, index) =>
    readLocation({ ...placed, value, place: `${placed.place}[${String(index)}]` }),
  );
}

function readLocation(placed: Placed): string {
  const text = readText(placed);
  if (text === '') throw mistake(placed, 'it is empty');
  if (text === '-') throw mistake(placed, 'standard input cannot have a name');
  return makeAbsolute(text, placed.from);
}

function makeAbsolute(text: string, { path, home }: Surroundings): string {
  if (ADDRESS.test(text) || isAbsolute(text)) return text;
  return text.startsWith('~/') ? join(home, text.slice(2)) : join(dirname(path), text);
}

function readSetting(placed: Placed, { pattern, expected }: { pattern: RegExp; expected: string }): string {
  const text = readText(placed);
  if (!pattern.test(text)) throw mistake(placed, `expected ${expected}`);
  return text;
}

/** Names come before paths here: the file that defines the names is the file that uses them. */
function readDefaultSource(
  placed: Placed | undefined,
  sources: ReadonlyMap<string, ConfiguredSource>,
): ConfiguredSource | undefined {
  const source = placed && readObject(placed, ['source']).get('source');
  if (source === undefined) return undefined;
  const named = typeof source.value === 'string' ? sources.get(source.value) : undefined;
  return named ?? { locations: readLocations(source) };
}

function readFormats(placed: Placed | undefined): readonly unknown[] {
  if (placed === undefined) return [];
  if (!Array.isArray(placed.value)) throw mistake(placed, 'expected a list, in [ ]');
  return placed.value as readonly unknown[];
}

function readText(placed: Placed | undefined): string {
  if (typeof placed?.value === 'string') return placed.value;
  throw mistake(placed, 'expected a text, in double quotes');
}

/** The entries of an object, each with its place. Without `known` any key may occur. */
function readObject(placed: Placed, known?: readonly string[]): ReadonlyMap<string, Placed> {
  const { value, place, from } = placed;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw mistake(placed, 'expected an object, in { }');
  }
  const entries = Object.entries(value).map(([key, inner]: [string, unknown]) => {
    const entry: Placed = { value: inner, place: place === '' ? key : `${place}.${key}`, from };
    if (known && !known.includes(key)) throw mistake(entry, `there is no such key; known here: ${known.join(', ')}`);
    return [key, entry] as const;
  });
  return new Map(entries);
}

function mistake(placed: Placed | undefined, problem: string): UserError {
  const { place = '', from } = placed ?? {};
  const where = place === '' ? '' : `${place}: `;
  return new UserError(`Cannot use ${from?.path ?? 'the configuration'}: ${where}${problem}`, {
    wayOut: 'The package\'s awsusage.config.schema.json describes the file; "$schema" in it lets an editor check it.',
  });
}
