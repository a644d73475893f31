import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

const SCHEMAS = fileURLToPath(new URL('../../dist/schemas/', import.meta.url));

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
  return JSON.parse(readFileSync(schemaFile(command), 'utf8')) as Readonly<Record<string, unknown>>;
}

/**
 * Makes sure that what any test sees with `--json` is documented.
 * @throws Error naming what is not
 */
export function requireDocumentedShape(args: readonly string[], stdout: string): void {
  const end = args.indexOf('--');
  const words = args.slice(0, end < 0 ? args.length : end);
  if (!words.includes('--json') || words.some((word) => word.startsWith('--print-'))) return;
  const command = [words.slice(0, 2).join(' '), words[0] ?? ''].find((name) => existsSync(schemaFile(name)));
  const document = parseWhole(stdout);
  if (command === undefined || document === undefined) return;
  const faults = shapeFaults(command, document);
  if (faults.length > 0)
    throw new Error(`awsusage ${args.join(' ')} prints what is not documented: ${faults.join('; ')}`);
}

function schemaFile(command: string): string {
  return join(SCHEMAS, `${command.replaceAll(' ', '-')}.json`);
}

/** Undefined for nothing, and for what broke off when the run failed. */
function parseWhole(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A schema that takes no members but those it names. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const copy = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  const isObject = copy['type'] === 'object' && 'properties' in copy;
  return isObject && !('additionalProperties' in copy) ? { ...copy, additionalProperties: false } : copy;
}
