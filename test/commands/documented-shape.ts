import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { ROOT } from './run-awsusage.js';

const DATE_TIME = /^-?\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true, formats: { 'date-time': DATE_TIME } });
const known = new Map<string, ValidateFunction>();

/**
 * What is wrong with a document that a command printed with `--json`, by the schema in the package: members that the schema
 * does not name, too, although it lets users' programs take them.
 * @param command with its spaces: `compact status`
 */
export function shapeFaults(command: string, document: unknown): readonly string[] {
  const validate = known.get(command) ?? ajv.compile(closed(readSchema(command)) as object);
  known.set(command, validate);
  if (validate(document)) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${String(message)} ${JSON.stringify(params)}`,
  );
}

/** A schema as it lies in the package. */
export function readSchema(command: string): Readonly<Record<string, unknown>> {
  const file = join(ROOT, 'dist/schemas', `${command.replaceAll(' ', '-')}.json`);
  return JSON.parse(readFileSync(file, 'utf8')) as Readonly<Record<string, unknown>>;
}

/** A schema that takes no members but those it names. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const copy = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  const isObject = copy['type'] === 'object' && 'properties' in copy;
  return isObject && !('additionalProperties' in copy) ? { ...copy, additionalProperties: false } : copy;
}
