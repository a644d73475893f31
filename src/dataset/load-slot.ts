import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine } from '../engines/engine.js';
import type { ApiCallColumn } from '../formats/api-call-columns.js';
import { findFormat } from '../formats/format-catalog.js';
import type { FieldType, LogFormat } from '../formats/log-format.js';
import { copiedTextField, fieldsReadAsText, typedField } from '../formats/projection-sql.js';
import { mayHoldSecretSql } from '../formats/secret-fields.js';
import { sqlLiteral } from '../formats/sql-literal.js';
import { isReadable, parseStoredFooter, STORED_FOOTER_KEY, type StoredFooter } from '../formats/stored-footer.js';
import { storedColumns } from '../formats/stored-columns.js';
import { isNumber } from '../formats/stored-row-sql.js';
import { meaningSql } from '../formats/stored-value-sql.js';
import { ObjectReadError } from '../storage/object-store.js';
import { OBJECT_KEYS_TABLE } from './calls-view.js';
import type { FormatStage } from './format-stage.js';
import { MAY_HOLD_SECRETS, stagedSource, type LoadShape } from './load-sql.js';
import type { StandsFor } from './plan-scan.js';
import { stageLookups } from './slot-lookups.js';
import type { StageSet } from './stage-set.js';

/** The keys of the objects that merged files were made of. */
const SLOT_OBJECTS = 'slot_objects';
/** The keys of the objects that rows are wanted of. */
const SLOT_KEYS = 'slot_keys';

export interface SlotOptions {
  readonly engine: Engine;
  readonly shape: LoadShape;
  readonly folder: string;
  readonly stages: StageSet;
  readonly userFormats: readonly LogFormat[];
  /** Gives so many numbers, one after the other, that no object has. */
  readonly takeNumbers: (count: number) => number;
}

/** A merged file. */
export interface SlotFile {
  /** A path to it in the run's folder, `NUMBER.parquet`. */
  readonly link: string;
  /** Its number among the objects. */
  readonly number: number;
  /** Only rows of the objects that it stands for count; only a file that is opened alone may leave some out. */
  readonly standsFor?: StandsFor | undefined;
}

/** What merged files give: staged rows as any other object's, and how many. */
export interface SlotSource {
  readonly stage: FormatStage;
  readonly shape: LoadShape;
  /** A table expression over staged fields. */
  readonly source: string;
  readonly records: number;
  /** Each row of the files is a call or none, and what it says is in the files: they can be asked themselves, again and again. */
  readonly isPlain: boolean;
  /** Something is looked for in JSON. */
  readonly readsJson: boolean;
  /** Removes what was written for it. */
  readonly close: () => void;
}

/** The footer of a merged file; undefined for any other Parquet file. */
export async function findSlotFooter(engine: Engine, path: string): Promise<StoredFooter | undefined> {
  const [row] = await engine.rows(slotFootersSql(sqlLiteral(path)));
  return row === undefined ? undefined : parseStoredFooter(String(row[1]));
}

/** A SELECT of `file_name` and the text of the `footer` of the merged files among Parquet files, given as SQL: a path or a list. */
export function slotFootersSql(paths: string): string {
  const key = `CAST(${sqlLiteral(STORED_FOOTER_KEY)} AS BLOB)`;
  return `SELECT file_name, any_value(TRY(decode(value))) AS footer FROM parquet_kv_metadata(${paths}) WHERE key = ${key} GROUP BY file_name HAVING count(*) = 1`;
}

/**
 * Makes ready what merged files with the same footer and the same columns hold, so that it is loaded exactly as the records that
 * it was made of would be. Undefined for several files of which values have to be looked up: that is done for one at a time.
 * @throws ObjectReadError when the files are not as their footer says, or newer than this version
 */
export async function openSlots(
  files: readonly SlotFile[],
  footer: StoredFooter,
  options: SlotOptions,
): Promise<SlotSource | undefined> {
  const { shape, stages, engine, userFormats } = options;
  const format = findFormat(footer.format, userFormats);
  if (!isReadable(footer)) throw new ObjectReadError('a file that a newer version of awsusage has merged');
  if (format === undefined)
    throw new ObjectReadError('a merged file of a format of your own that is not in the configuration');
  const paths = files.map(({ link }) => sqlLiteral(link)).join(', ');
  const all = `read_parquet([${paths}], hive_partitioning = false, file_row_number = true, filename = 'slot file')`;
  const only = files[0]?.standsFor?.only;
  const table = only === undefined ? all : `(SELECT * FROM ${all} WHERE ${await keysSql(engine, only)})`;
  const present = await findColumns(engine, table, { format, footer });
  const slots = new Slots({ files, footer, format, table, present }, options);
  const stage = stages.stageOf(format);
  const mustLookUp = slots.mustLookUp(stage.fields);
  if (files.length > 1 && mustLookUp) return undefined;
  const records = Number((await engine.rows(`SELECT count(*) FROM ${table}`))[0]?.[0] ?? 0n);
  const source = await slots.source(stage.fields);
  stages.cursor.recordNumber += records;
  const isWhole = only === undefined && format.rows === undefined && !shape.columns.includes('object_key');
  const isPlain = isWhole && !mustLookUp;
  const readsJson = stage.fields.some((field) => format.fields[field] === 'json');
  const harmless = await findHarmless(engine, table, { format, shape, present });
  const own = { ...shape, typedFields: slots.typed, harmless };
  return { stage, shape: own, source, records, isPlain, readsJson, close: () => slots.close() };
}

/** A condition on rows: that they came from one of some objects. */
async function keysSql(engine: Engine, keys: readonly string[]): Promise<string> {
  await engine.run(
    `CREATE OR REPLACE TEMP TABLE ${SLOT_KEYS} AS SELECT unnest(from_json($keys, '["VARCHAR"]')) AS key`,
    {
      keys: JSON.stringify(keys),
    },
  );
  return `object_key IN (SELECT key FROM ${SLOT_KEYS})`;
}

interface SlotFacts {
  readonly files: readonly SlotFile[];
  readonly footer: StoredFooter;
  readonly format: LogFormat;
  readonly table: string;
  /** The fields that have a column. A format may have gained fields since the file was written. */
  readonly present: ReadonlySet<string>;
}

class Slots {
  /** Fields whose columns can be taken as they are; that of a double has no minus zero. */
  readonly typed: ReadonlySet<string>;
  readonly #facts: SlotFacts;
  readonly #options: SlotOptions;
  #lookupFile: string | undefined;

  constructor(facts: SlotFacts, options: SlotOptions) {
    this.#facts = facts;
    this.#options = options;
    const { present, format, footer } = facts;
    const isMissed = (field: string): boolean => format.fields[field] === 'double' && footer.lookups.includes(field);
    this.typed = new Set([...present].filter((field) => isTyped(format.fields[field]) && !isMissed(field)));
  }

  /** Whether anything hangs on values that only `extra` has. */
  mustLookUp(fields: readonly string[]): boolean {
    return this.#options.shape.raw || this.#fieldsToLookUp(fields).length > 0;
  }

  /** The files' rows as staged ones. */
  async source(fields: readonly string[]): Promise<string> {
    const { shape, stages } = this.#options;
    const { table } = this.#facts;
    const lookedUp = this.#fieldsToLookUp(fields);
    const lookups = await this.#stageLookups(lookedUp);
    const numbers = await this.#numberObjects();
    const texts = fields.map((field) => {
      const found = lookups !== undefined && lookedUp.includes(field) ? [`looked_up."${field}"`] : [];
      return `${firstOf([...found, ...this.#columnText(field)])} AS "${field}"`;
    });
    const own = this.#ownNumber();
    const number = numbers === undefined ? own : `coalesce(numbers.number, ${own})`;
    const columns = [
      `${number} AS object_number`,
      ...(shape.raw ? [`${stages.cursor.recordNumber} + file_row_number AS record_number`] : []),
      ...texts,
      ...[...this.typed].map((field) => `slot."${field}" AS ${typedField(field)}`),
      ...(shape.raw ? [`${lookups === undefined ? 'CAST(NULL AS VARCHAR)' : 'looked_up.rest'} AS extra`] : []),
    ];
    const joins = [
      ...(numbers === undefined ? [] : [`LEFT JOIN ${numbers} AS numbers ON numbers.key = slot.object_key`]),
      ...(lookups === undefined
        ? []
        : [`LEFT JOIN ${lookups} AS looked_up ON looked_up.record_number = file_row_number`]),
    ];
    return `(SELECT ${columns.join(', ')} FROM ${table} AS slot ${joins.join(' ')})`;
  }

  #ownNumber(): string {
    const [file, ...more] = this.#facts.files;
    if (file !== undefined && more.length === 0) return String(file.number);
    return `CAST(parse_filename(slot."slot file", true) AS INTEGER)`;
  }

  close(): void {
    if (this.#lookupFile !== undefined) rmSync(this.#lookupFile, { force: true });
  }

  #columnText(field: string): string[] {
    const type = this.#facts.format.fields[field];
    if (type === undefined || !this.#facts.present.has(field)) return [];
    return [meaningSql({ type }, `slot."${field}"`)];
  }

  /** Fields of which some value is only in `extra`, so far as anything hangs on it. */
  #fieldsToLookUp(fields: readonly string[]): string[] {
    const { shape } = this.#options;
    const { format, footer, present } = this.#facts;
    const inColumn = (field: string): boolean => present.has(field) && !isTyped(format.fields[field]);
    if (shape.raw) return fields.filter((field) => !inColumn(field));
    const asText = new Set(fieldsReadAsText(format, { columns: shape.columns, typedFields: this.typed }));
    const taken = footer.partitionKeys.map((key) => key.toLowerCase());
    const isNew = (field: string): boolean => !present.has(field) && !taken.includes(field.toLowerCase());
    return fields.filter(
      (field) => asText.has(field) && !inColumn(field) && (footer.lookups.includes(field) || isNew(field)),
    );
  }

  async #stageLookups(fields: readonly string[]): Promise<string | undefined> {
    const { engine, shape, folder } = this.#options;
    const { format, table, files, present } = this.#facts;
    if (fields.length === 0 && !shape.raw) return undefined;
    const isMissing = fields.map((field) => {
      if (!present.has(field)) return 'true';
      return isNumber(format.fields[field] ?? 'text') ? `"${field}" IS NULL OR "${field}" = 0` : `"${field}" IS NULL`;
    });
    const wanted = shape.raw ? '' : ` AND (${isMissing.join(' OR ')})`;
    const select = `SELECT file_row_number, record_keys, extra FROM ${table} WHERE extra IS NOT NULL${wanted}`;
    const newPath = (): string => join(folder, `${files[0]?.number ?? 0}.csv`);
    const taken = await stageLookups({ engine, format, select, fields, withRest: shape.raw, newPath });
    if (taken === undefined) return undefined;
    this.#lookupFile = taken.path;
    return stagedSource(taken.path, ['record_number', ...fields, ...(shape.raw ? ['rest'] : [])], taken.longestRow);
  }

  /** Gives each object that rows came from a number of its own, where questions ask for its key. */
  async #numberObjects(): Promise<string | undefined> {
    const { engine, shape, takeNumbers } = this.#options;
    if (!shape.columns.includes('object_key')) return undefined;
    const keys = `SELECT DISTINCT object_key FROM ${this.#facts.table} WHERE object_key IS NOT NULL`;
    await engine.run(`CREATE OR REPLACE TEMP TABLE ${SLOT_OBJECTS} AS ${keys}`);
    const [row] = await engine.rows(`SELECT count(*) FROM ${SLOT_OBJECTS}`);
    const count = Number(row?.[0] ?? 0n);
    const first = takeNumbers(count);
    const number = `${first} - 1 + row_number() OVER (ORDER BY object_key)`;
    await engine.run(`INSERT INTO ${OBJECT_KEYS_TABLE} SELECT ${number}, object_key FROM ${SLOT_OBJECTS}`);
    return `(SELECT * FROM ${OBJECT_KEYS_TABLE} WHERE number BETWEEN ${first} AND ${first + count - 1})`;
  }
}

/** The fields that have columns in the file. */
async function findColumns(
  engine: Engine,
  table: string,
  { format, footer }: { readonly format: LogFormat; readonly footer: StoredFooter },
): Promise<ReadonlySet<string>> {
  const described = await engine.rows(`SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM ${table})`);
  const types = new Map(described.map(([name, type]) => [String(name), String(type)]));
  const isField = (name: string): boolean => Object.hasOwn(format.fields, name);
  const expected = storedColumns(format, footer.partitionKeys);
  const wrong = expected.find(({ name, type }) => (types.get(name) ?? (isField(name) ? type : '')) !== type);
  if (wrong !== undefined)
    throw new ObjectReadError(`a merged file whose column "${wrong.name}" is not of the type ${wrong.type}`);
  return new Set(expected.map(({ name }) => name).filter((name) => isField(name) && types.has(name)));
}

/** The first text that there is; without `coalesce` where it has nothing to choose: that takes the values out of their dictionary. */
function firstOf(texts: readonly string[]): string {
  const [only = 'CAST(NULL AS VARCHAR)', ...others] = texts;
  return others.length === 0 ? only : `coalesce(${texts.join(', ')})`;
}

/** Large texts are better looked at once, when they are asked for. */
const LARGE: ReadonlySet<ApiCallColumn> = new Set(['request', 'response']);

/**
 * The columns of calls that nothing has to be taken out of. The engine looks at each text of a dictionary once, which is much less
 * than a look at each row.
 */
async function findHarmless(
  engine: Engine,
  table: string,
  { format, shape, present }: Pick<SlotFacts, 'format' | 'present'> & { readonly shape: LoadShape },
): Promise<ReadonlySet<ApiCallColumn>> {
  const harmless = new Set<ApiCallColumn>();
  for (const column of shape.showSecrets ? [] : shape.columns) {
    if (!MAY_HOLD_SECRETS.has(column) || LARGE.has(column)) continue;
    const field = copiedTextField(format, column);
    if (field === undefined || !present.has(field)) continue;
    const found = await engine.rows(`SELECT 1 FROM ${table} WHERE ${mayHoldSecretSql(`"${field}"`)} LIMIT 1`);
    if (found.length === 0) harmless.add(column);
  }
  return harmless;
}

function isTyped(type: FieldType | undefined): boolean {
  return type !== undefined && type !== 'text' && type !== 'json';
}
