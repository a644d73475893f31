import type { Engine, Value } from '../engines/engine.js';
import type { LogFormat } from '../formats/log-format.js';
import { JsonScanner } from '../records/json-scanner.js';
import { replaceLoneSurrogates } from '../records/json-string.js';
import { shapeKeys, ShapeTree, type ShapeNode } from '../records/record-shapes.js';
import { ObjectReadError } from '../storage/object-store.js';
import { memberOf } from './format-stage.js';
import { addMember, keyAndValue } from './stage-member.js';
import { StagedRows, type TakenRows } from './staged-rows.js';

export interface LookupRequest {
  readonly engine: Engine;
  readonly format: LogFormat;
  /** A SELECT of the row's number in its file, `record_keys` and `extra`. */
  readonly select: string;
  /** The fields that are looked up. */
  readonly fields: readonly string[];
  /** Whether the members that are no field are asked for, too. */
  readonly withRest: boolean;
  readonly newPath: () => string;
}

/**
 * Finds what only `extra` has of the rows of a merged file, as ordinary reading would stage it: the row's number, the asked
 * fields, and the record's members that are no field as one JSON object. Undefined where no row was selected.
 * @throws ObjectReadError when a row is not as we write them
 */
export async function stageLookups(request: LookupRequest): Promise<TakenRows | undefined> {
  const rows = new StagedRows(request.newPath);
  const reader = new ExtraReader(request, rows);
  const { chunks } = await request.engine.stream(request.select);
  for await (const chunk of chunks) for (const row of chunk) reader.add(row);
  return rows.take();
}

/** Where the members of an `extra` go, for records of the same keys. */
interface Members {
  /** For each asked field the member that is its value, or -1. */
  readonly sources: readonly number[];
  readonly rest: readonly number[];
}

class ExtraReader {
  readonly #request: LookupRequest;
  readonly #rows: StagedRows;
  readonly #scanner = new JsonScanner(new ShapeTree());
  readonly #members = new Map<string, Map<ShapeNode, Members>>();

  constructor(request: LookupRequest, rows: StagedRows) {
    this.#request = request;
    this.#rows = rows;
  }

  add([number, recordKeys, extra]: readonly Value[]): void {
    const bytes = Buffer.from(String(extra), 'utf8');
    if (bytes[0] !== 0x7b || this.#scanner.scan(bytes, 0, bytes.length) !== bytes.length) throw damaged();
    const { sources, rest } = this.#membersOf(String(recordKeys));
    this.#rows.addInteger(Number(number));
    for (const [i, field] of this.#request.fields.entries()) {
      const member = sources[i]!;
      const isJson = this.#request.format.fields[field] === 'json';
      if (member < 0) this.#rows.addNull();
      else addMember(this.#rows, this.#scanner, { bytes, member, isJson });
    }
    if (this.#request.withRest) this.#addRest(rest, bytes);
    this.#rows.endRow();
  }

  #addRest(rest: readonly number[], bytes: Uint8Array): void {
    const members = rest.map((member) => keyAndValue(this.#scanner, bytes, member));
    if (members.length === 0) this.#rows.addNull();
    else this.#rows.addText(replaceLoneSurrogates(`{${members.join(',')}}`));
  }

  #membersOf(recordKeys: string): Members {
    let ofShape = this.#members.get(recordKeys);
    if (ofShape === undefined) this.#members.set(recordKeys, (ofShape = new Map()));
    const { shape } = this.#scanner;
    let members = ofShape.get(shape);
    if (members === undefined)
      ofShape.set(shape, (members = findMembers(keysOf(recordKeys), shapeKeys(shape), this.#request)));
    return members;
  }
}

/** A key's values in `extra` are all that the record has of it, or all but the last, which is in the column then. */
function findMembers(
  recordKeys: readonly string[],
  extraKeys: readonly string[],
  { format, fields }: LookupRequest,
): Members {
  const inExtra = (field: string): number => {
    const key = recordKeys[memberOf(field, recordKeys, format)];
    if (key === undefined || count(extraKeys, key) < count(recordKeys, key)) return -1;
    return extraKeys.lastIndexOf(key);
  };
  const taken = new Set(Object.keys(format.fields).map(inExtra));
  return {
    sources: fields.map(inExtra),
    rest: extraKeys.map((_, i) => i).filter((i) => !taken.has(i)),
  };
}

function count(keys: readonly string[], key: string): number {
  return keys.filter((one) => one === key).length;
}

function keysOf(json: string): readonly string[] {
  let keys: unknown;
  try {
    keys = JSON.parse(json);
  } catch {
    throw damaged();
  }
  if (!Array.isArray(keys) || !keys.every((key) => typeof key === 'string')) throw damaged();
  return keys;
}

function damaged(): ObjectReadError {
  return new ObjectReadError('a merged file with rows that awsusage did not write so');
}
