/** The part of JSON Schema 2020-12 that our schema uses. */
export interface Schema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly type?: 'object' | 'array' | 'string';
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | false;
  readonly propertyNames?: Schema;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly minItems?: number;
  readonly minLength?: number;
  readonly pattern?: string;
  readonly const?: unknown;
  readonly not?: Schema;
  readonly anyOf?: readonly Schema[];
}

type Check = (schema: Schema, value: unknown, root: Schema) => boolean;

const always: Check = () => true;

/** By keyword; one that is missing here makes the test fail instead of passing everything. */
const CHECKS: Readonly<Record<string, Check>> = {
  $schema: always,
  $defs: always,
  title: always,
  description: always,
  $ref: ({ $ref = '' }, value, root) => {
    const target = root.$defs?.[$ref.replace('#/$defs/', '')];
    if (!target) throw new Error(`${$ref} leads nowhere`);
    return matchesSchema(target, value, root);
  },
  type: ({ type }, value) => typeOf(value) === type,
  properties: ({ properties = {} }, value, root) =>
    entriesOf(value).every(([key, inner]) => !ownValue(properties, key) || matches(properties[key], inner, root)),
  additionalProperties: ({ additionalProperties, properties = {} }, value, root) =>
    entriesOf(value)
      .filter(([key]) => !ownValue(properties, key))
      .every(([, inner]) => additionalProperties !== false && matches(additionalProperties, inner, root)),
  propertyNames: ({ propertyNames }, value, root) =>
    entriesOf(value).every(([key]) => matches(propertyNames, key, root)),
  required: ({ required = [] }, value) =>
    typeOf(value) !== 'object' || required.every((key) => Object.hasOwn(value as object, key)),
  items: ({ items }, value, root) => !Array.isArray(value) || value.every((inner) => matches(items, inner, root)),
  minItems: ({ minItems = 0 }, value) => !Array.isArray(value) || value.length >= minItems,
  minLength: ({ minLength = 0 }, value) => typeof value !== 'string' || value.length >= minLength,
  pattern: ({ pattern = '' }, value) => typeof value !== 'string' || new RegExp(pattern, 'u').test(value),
  const: (schema, value) => value === schema.const,
  not: ({ not }, value, root) => !matches(not, value, root),
  anyOf: ({ anyOf = [] }, value, root) => anyOf.some((schema) => matchesSchema(schema, value, root)),
};

/**
 * Whether a value matches a schema.
 * @throws Error for a keyword that is not known here.
 */
export function matchesSchema(schema: Schema, value: unknown, root: Schema = schema): boolean {
  return Object.keys(schema).every((keyword) => {
    const check = CHECKS[keyword];
    if (!check) throw new Error(`no check for the keyword ${keyword}`);
    return check(schema, value, root);
  });
}

function matches(schema: Schema | undefined, value: unknown, root: Schema): boolean {
  return schema === undefined || matchesSchema(schema, value, root);
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  return typeOf(value) === 'object' ? Object.entries(value as object) : [];
}

function ownValue(properties: Readonly<Record<string, Schema>>, key: string): boolean {
  return Object.hasOwn(properties, key);
}
