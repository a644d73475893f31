import { UserError } from '../errors.js';
import type { QueryParameter } from './canned-query.js';
import { PARAMETER_TYPES } from './canned-query.js';
import { parseParameterValue } from './parse-parameter-value.js';
import type { HeaderEntry, HeaderLine } from './split-query-header.js';

const KEYS = ['type', 'choices', 'default', 'required', 'min', 'max', 'description'] as const;

type Key = (typeof KEYS)[number];

type Settings = ReadonlyMap<Key, { readonly text: string; readonly line: number }>;

/**
 * Reads one `parameter` entry of a header.
 * @throws UserError that names the file and the line
 */
export function parseHeaderParameter(entry: HeaderEntry, file: string): QueryParameter {
  if (!/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(entry.text)) {
    throw lineError(file, entry, `a parameter's name is in small letters, digits and "-": ${entry.text}`);
  }
  const settings = readSettings(entry, file);
  const parameter = assemble(entry, settings, file);
  checkSettings(parameter, { settings, file, entry });
  return parameter;
}

function readSettings(entry: HeaderEntry, file: string): Settings {
  const settings = new Map<Key, { text: string; line: number }>();
  for (const line of entry.lines) {
    const [, name, text = ''] = /^([a-z]+): (.*)$/.exec(line.text) ?? [];
    const key = KEYS.find((known) => known === name);
    if (key === undefined)
      throw lineError(file, line, `a parameter has ${KEYS.join(', ')}; this is none: ${line.text}`);
    if (settings.has(key)) throw lineError(file, line, `"${key}" comes twice`);
    settings.set(key, { text: text.trim(), line: line.line });
  }
  return settings;
}

function assemble(entry: HeaderEntry, settings: Settings, file: string): QueryParameter {
  const setting = (key: Key): string | undefined => settings.get(key)?.text;
  const type = PARAMETER_TYPES.find((known) => known === setting('type'));
  if (type === undefined) throw lineError(file, entry, `"type" must be one of ${PARAMETER_TYPES.join(', ')}`);
  const defaultText = setting('default');
  const [min, max] = (['min', 'max'] as const).map((key) => numberSetting(key, settings, file));
  return {
    name: entry.text,
    type,
    description: setting('description') ?? '',
    required: setting('required') === 'yes',
    choices: (setting('choices') ?? '').split(/\s*,\s*/).filter((choice) => choice !== ''),
    ...(defaultText === undefined ? {} : { defaultText }),
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
  };
}

function numberSetting(key: 'min' | 'max', settings: Settings, file: string): number | undefined {
  const setting = settings.get(key);
  if (setting === undefined) return undefined;
  const value = Number(setting.text);
  if (setting.text === '' || !Number.isFinite(value)) throw lineError(file, setting, `"${key}" must be a number`);
  return value;
}

interface Checked {
  readonly settings: Settings;
  readonly file: string;
  readonly entry: HeaderEntry;
}

function checkSettings(parameter: QueryParameter, { settings, file, entry }: Checked): void {
  const required = settings.get('required');
  if (required !== undefined && required.text !== 'yes')
    throw lineError(file, required, '"required" can only be "yes"');
  if (parameter.required && parameter.defaultText !== undefined) {
    throw lineError(file, entry, 'a parameter with a default cannot be required');
  }
  if ((parameter.type === 'choice') !== parameter.choices.length > 0) {
    throw lineError(file, entry, '"choices" belong to "type: choice", and that needs them');
  }
  const isNumber = parameter.type === 'integer' || parameter.type === 'number';
  if (!isNumber && (parameter.min ?? parameter.max) !== undefined) {
    throw lineError(file, entry, '"min" and "max" belong to integer and number');
  }
  const given = settings.get('default');
  if (given === undefined) return;
  try {
    parseParameterValue(parameter, given.text);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw lineError(file, given, `the default does not fit: ${error.message}`);
  }
}

function lineError(file: string, { line }: Pick<HeaderLine, 'line'>, fault: string): UserError {
  return new UserError(`${file}:${line}: ${fault}`);
}
