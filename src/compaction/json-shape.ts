/** A document that is not what it should be. The message names the member. */
export class ShapeError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ShapeError';
  }
}

export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Parses a JSON object.
 * @throws ShapeError for other text
 */
export function parseObject(text: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ShapeError('it is no JSON');
  }
  return expectObject(value, 'the document');
}

/** @throws ShapeError for what is no object */
export function expectObject(value: unknown, what: string): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new ShapeError(`${what} is no object`);
  return value as JsonObject;
}

/** @throws ShapeError where the member is no text */
export function textOf(object: JsonObject, name: string): string {
  const value = object[name];
  if (typeof value !== 'string') throw new ShapeError(`"${name}" is no text`);
  return value;
}

/** @throws ShapeError where the member is no whole number from 0 on */
export function countOf(object: JsonObject, name: string): number {
  const value = object[name];
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
    throw new ShapeError(`"${name}" is no count`);
  return value;
}

/** @throws ShapeError where the member is no list */
export function listOf(object: JsonObject, name: string): readonly unknown[] {
  const value = object[name];
  if (!Array.isArray(value)) throw new ShapeError(`"${name}" is no list`);
  return value as readonly unknown[];
}

/** @throws ShapeError where the member is no list of texts */
export function textsOf(object: JsonObject, name: string): readonly string[] {
  const texts = listOf(object, name);
  if (!texts.every((text) => typeof text === 'string')) throw new ShapeError(`"${name}" holds more than texts`);
  return texts as readonly string[];
}

/** @throws ShapeError for a version that this program does not know */
export function expectVersion(object: JsonObject, known: number): void {
  const version = object['schemaVersion'];
  if (version !== known)
    throw new ShapeError(`its schemaVersion is ${JSON.stringify(version)}; this program knows ${known}`);
}
