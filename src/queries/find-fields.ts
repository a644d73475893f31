import type { Engine, Parameters } from '../engines/engine.js';
import { UserError } from '../errors.js';
import type { JsonPath } from './json-path.js';
import { fromJsonPointer, renderJsonPath } from './json-path.js';

/** More different fields than this are data, not structure: they are not kept in memory. */
const MOST_FIELDS = 200_000;

/** SQL that gives the columns `calls` and `document` (JSON), with its parameters. */
export interface DocumentSource {
  readonly sql: string;
  readonly parameters: Parameters;
}

/**
 * Finds the paths that have a value (anything but null or an object; an array is one value) in the documents, in most
 * calls first, ties by path. Documents of one structure are looked at together, which is far faster than one by one.
 * @throws UserError when there are more than 200,000 different ones
 */
export async function findFields(engine: Engine, source: DocumentSource): Promise<readonly JsonPath[]> {
  const calls = new Map<string, bigint>();
  const stream = await engine.stream(
    `SELECT CAST(json_structure(document) AS VARCHAR) AS structure, CAST(sum(calls) AS BIGINT) AS calls
FROM (${source.sql}) AS documents
WHERE json_type(document) = 'OBJECT'
GROUP BY 1`,
    source.parameters,
  );
  for await (const rows of stream.chunks) {
    for (const [structure, weight] of rows) addFields(calls, JSON.parse(String(structure)), BigInt(String(weight)));
  }
  return [...calls]
    .map(([pointer, weight]) => ({ path: fromJsonPointer(pointer), weight }))
    .map((field) => ({ ...field, name: renderJsonPath(field.path) }))
    .sort((a, b) => compare(b.weight, a.weight) || compare(a.name, b.name))
    .map((field) => field.path);
}

/** Adds the weight of one structure to each of its fields. An explicit stack: structures may be deep. */
function addFields(calls: Map<string, bigint>, structure: unknown, weight: bigint): void {
  const open: { pointer: string; node: unknown }[] = [{ pointer: '', node: structure }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { pointer, node } = next;
    if (typeof node === 'object' && node !== null && !Array.isArray(node)) {
      for (const [key, child] of Object.entries(node)) {
        open.push({ pointer: `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`, node: child });
      }
      continue;
    }
    // "JSON" stands for an empty object, or for a key that comes twice with values of different kinds.
    if (node === 'NULL' || node === 'JSON') continue;
    calls.set(pointer, (calls.get(pointer) ?? 0n) + weight);
    if (calls.size > MOST_FIELDS) throw tooManyFields();
  }
}

function compare<T extends string | bigint>(a: T, b: T): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function tooManyFields(): UserError {
  return new UserError(`The chosen calls have more than ${MOST_FIELDS.toLocaleString('en')} different fields`, {
    wayOut: ['Name those you want: --columns Bucket,Key', 'Or choose fewer calls: --service, --operation, --since'],
  });
}
