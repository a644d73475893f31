import { mkdirSync, symlinkSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { SqlError, type Engine } from '../engines/engine.js';
import type { FieldType } from '../formats/log-format.js';
import type { JsonScanner } from '../records/json-scanner.js';
import { KIND } from '../records/value-scanner.js';
import { meaningOf } from '../records/read-records.js';
import type { ShapeNode } from '../records/record-shapes.js';
import { sniffBody } from '../records/sniff-body.js';
import { LineVerifier } from '../records/verify-lines.js';
import { ObjectReadError } from '../storage/object-store.js';
import type { FormatStage, ShapePlan } from './format-stage.js';
import { isAsListed } from './is-as-listed.js';
import {
  directSource,
  insertCallsSql,
  insertDroppedSql,
  LOADED_TABLE,
  DROPPED_TABLE,
  type LoadShape,
} from './load-sql.js';
import type { PlannedObject } from './plan-scan.js';
import type { ReadContext } from './read-object.js';

/** Smaller objects are cheaper to stage than to open once more in the engine. */
const MIN_BYTES = 32 * 1024;
/** How many bytes of objects go into the first load, so that the engine has work early, and into later ones: a load has its own cost. */
const FIRST_BATCH_BYTES = 16 * 1024 * 1024;
const BATCH_BYTES = 128 * 1024 * 1024;

/** An object that the engine may read from where it lies. */
export interface DirectObject {
  readonly planned: PlannedObject;
  readonly number: number;
  readonly path: Buffer;
  readonly stage: FormatStage;
  readonly records: number;
  readonly bytes: number;
  /** Whether some record has an event id. */
  readonly hasIds: boolean;
}

/** Objects of one format for one load. */
export interface DirectBatch {
  readonly stage: FormatStage;
  readonly objects: DirectObject[];
  bytes: number;
}

/**
 * Whether the engine may read the object itself: a plain local file of NDJSON that was looked through to its end and in which
 * every value the questions need is one that engine and reader understand alike.
 * @returns undefined where the object has to be read with care
 */
export async function verifyDirect(
  planned: PlannedObject,
  number: number,
  context: ReadContext,
): Promise<DirectObject | undefined> {
  const { store, object } = planned;
  const path = object.size < MIN_BYTES ? undefined : store.localPath?.(object);
  if (path === undefined) return undefined;
  const check = new DirectCheck(context);
  const verifier = new LineVerifier({ shapes: context.shapes, accepts: check.accepts });
  if (!(await looksThrough(store.read(object), verifier)) || check.stage === undefined) return undefined;
  return {
    planned,
    number,
    path,
    stage: check.stage,
    records: verifier.records,
    bytes: object.size,
    hasIds: check.hasIds,
  };
}

async function looksThrough(chunks: AsyncIterable<Uint8Array>, verifier: LineVerifier): Promise<boolean> {
  let first = true;
  try {
    for await (const chunk of chunks) {
      if (first && sniffBody(chunk) !== 'plain') return false;
      first = false;
      if (!verifier.push(chunk, false)) return false;
    }
  } catch (error) {
    if (error instanceof ObjectReadError) return false;
    throw error;
  }
  return verifier.push(new Uint8Array(0), true);
}

class DirectCheck {
  /** The one format of all records so far. */
  stage: FormatStage | undefined;
  hasIds = false;
  readonly #context: ReadContext;

  constructor(context: ReadContext) {
    this.#context = context;
  }

  readonly accepts = (scanner: JsonScanner, shape: ShapeNode): boolean => {
    const plan = this.#planOf(shape);
    if (plan === undefined || !plan.directSafe) return false;
    this.stage ??= plan.stage;
    if (this.stage !== plan.stage) return false;
    const { sources } = plan;
    const { types } = plan.stage;
    // Once for every record: an iterator would cost more than the look.
    for (let i = 0; i < sources.length; i++) {
      const source = sources[i]!;
      if (source >= 0 && !isSimple(scanner.kind[source]!, types[i]!)) return false;
    }
    if (!this.hasIds) {
      for (const source of plan.idSources) if (scanner.kind[source] !== KIND.null) this.hasIds = true;
    }
    return true;
  };

  /** Envelopes and unknown records are the careful reader's business. */
  #planOf(shape: ShapeNode): ShapePlan | undefined {
    const meaning = meaningOf(shape, this.#context);
    return meaning.kind === 'target' ? (meaning.target as ShapePlan) : undefined;
  }
}

/** Text in a field of JSON keeps its quotes with us, and loses them in the engine. */
function isSimple(kind: number, type: FieldType): boolean {
  if (kind === KIND.string || kind === KIND.escaped) return type !== 'json';
  return kind === KIND.integer || kind === KIND.null;
}

/** Gathers direct objects into batches by format. */
export class DirectBatches {
  readonly #batches = new Map<FormatStage, DirectBatch>();
  #enough = FIRST_BATCH_BYTES;

  /** Adds an object; gives a batch that has become large enough to load. */
  add(object: DirectObject): DirectBatch | undefined {
    const batch = this.#batches.get(object.stage) ?? { stage: object.stage, objects: [], bytes: 0 };
    batch.objects.push(object);
    batch.bytes += object.bytes;
    if (batch.bytes < this.#enough) {
      this.#batches.set(object.stage, batch);
      return undefined;
    }
    this.#enough = Math.min(BATCH_BYTES, this.#enough * 2);
    this.#batches.delete(object.stage);
    return batch;
  }

  /** The batches that are left. */
  rest(): readonly DirectBatch[] {
    return [...this.#batches.values()];
  }
}

export interface DirectLoadOptions {
  readonly engine: Engine;
  readonly shape: LoadShape;
  readonly folder: string;
}

/**
 * Lets the engine read a batch from where its objects lie.
 * @returns whether it read as many records as were seen; otherwise nothing of the batch is left in the engine
 */
export async function loadDirect(batch: DirectBatch, { engine, shape, folder }: DirectLoadOptions): Promise<boolean> {
  const { format, fields } = batch.stage;
  const links: string[] = [];
  const numbers = batch.objects.map(({ number }) => number);
  const keysAsked = shape.columns.includes('object_key');
  const commonNumber = keysAsked ? undefined : -numbers[0]!;
  const source = directSource({
    files: batch.objects.map(({ number, path }) => ({ number, path: enginePath(path, number, { folder, links }) })),
    fields: fields.length > 0 ? fields : Object.keys(format.fields).slice(0, 1),
    commonNumber,
  });
  const hasIds = batch.objects.some((object) => object.hasIds);
  try {
    const loaded = await engine.run(
      insertCallsSql(format, hasIds ? shape : { ...shape, columns: shape.asked }, source),
    );
    const dropped = insertDroppedSql(format, source);
    const left = dropped === undefined ? 0n : await engine.run(dropped);
    const records = batch.objects.reduce((sum, object) => sum + object.records, 0);
    if (
      loaded + left === BigInt(records) &&
      batch.objects.every(({ planned, path }) => isAsListed(planned.object, path))
    ) {
      batch.stage.total += records;
      return true;
    }
  } catch (error) {
    if (!(error instanceof SqlError) || !BODY_ERRORS.test(error.message)) throw error;
  } finally {
    for (const link of links) unlinkSync(link);
  }
  await takeBack(engine, commonNumber === undefined ? numbers : [commonNumber]);
  return false;
}

/** What the engine says of a body that has changed since it was looked through; anything else is wrong with the statement. */
const BODY_ERRORS = /^(?:Invalid Input|IO) Error/;

/** Paths that mean themselves alone to the engine: nothing in them is a pattern, a quote or a protocol. */
const PLAIN_PATH = /^\/[A-Za-z0-9_./=+@,-]+$/;

/** The path itself where it is plain, else a link to it under a name of our own, which is noted in `links`. */
function enginePath(path: Buffer, number: number, { folder, links }: { folder: string; links: string[] }): string {
  const text = path.toString('latin1');
  if (PLAIN_PATH.test(text)) return text;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const link = join(folder, `${number}.ndjson`);
  symlinkSync(path, link);
  links.push(link);
  return link;
}

/** Removes what was loaded of the objects with these numbers. */
export async function takeBack(engine: Engine, numbers: readonly number[]): Promise<void> {
  if (numbers.length === 0) return;
  const list = numbers.join(', ');
  await engine.run(`DELETE FROM ${LOADED_TABLE} WHERE object_number IN (${list})`);
  await engine.run(`DELETE FROM ${DROPPED_TABLE} WHERE object_number IN (${list})`);
}
