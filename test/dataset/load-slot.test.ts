import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { planScan } from '../../src/dataset/plan-scan.js';
import { STORED_SCHEMA_VERSION } from '../../src/formats/stored-columns.js';
import { askQuestions } from '../../src/queries/ask-questions.js';
import { bindParameters } from '../../src/queries/bind-parameters.js';
import { listQueries, loadQuery } from '../../src/queries/query-catalog.js';
import { openFileStore } from '../../src/storage/file-store.js';
import { HAS_SHARED_DATA, sharedPath } from '../records/shared-data.js';
import { tempFolder } from '../storage/temp-folder.js';
import { formatOf, mergeFolder } from './merge-folder.js';
import { ALL_CALLS, differences, NO_FILTERS, openRun, openSource, PLAIN_READING } from './open-source.js';
import { callLines, recordedCall } from './recorded-calls.js';

/** The answers of all canned questions over a folder, as text. */
async function answersOver(source: string): Promise<Record<string, string>> {
  const run = openRun();
  const questions = listQueries().map(({ name }) => {
    const query = loadQuery(name);
    return { query, parameters: bindParameters(query, {}), limit: 0 };
  });
  const plan = await planScan({ stores: [await openFileStore(source)], window: {}, latenessMs: 0 });
  const { answers } = await askQuestions({
    plan,
    engine: await run.openEngine(),
    folder: run.folder,
    filters: NO_FILTERS,
    questions,
    openProbe: run.openEngine,
    openAnother: run.openEngine,
    ...PLAIN_READING,
  });
  const texts: Record<string, string> = {};
  for await (const { query, columns, chunks } of answers) {
    const rows: unknown[] = [];
    for await (const chunk of chunks) rows.push(...chunk);
    texts[query] = JSON.stringify([columns, rows], (_, value: unknown) =>
      typeof value === 'bigint' ? `${value}n` : Object.is(value, -0) ? '-0' : value,
    );
  }
  return texts;
}

const fixture = (name: string): string => fileURLToPath(new URL(`../../fixtures/${name}`, import.meta.url));

describe('every canned question answers alike over a source and what it was merged to', () => {
  test.each([
    ['example-bucket', 'api-call'],
    ['apigateway-bucket', 'apigateway'],
    ['cloudtrail-bucket', 'cloudtrail'],
  ])('%s', async (name, format) => {
    const { folder } = await mergeFolder(fixture(name), { format: formatOf(format) });
    expect(await answersOver(folder)).toEqual(await answersOver(fixture(name)));
  });

  test.skipIf(!HAS_SHARED_DATA).each([
    ['invictus-aws-dataset/CloudTrail', 'cloudtrail'],
    ['stratus-red-team/docs', 'cloudtrail'],
    ['umccr-cloudtrail-parquet-lambda/test_input/AWSLogs', 'cloudtrail'],
    ['grycap-cloudtrail-tracker/lambda/tests', 'cloudtrail'],
    ['opensearch-catalog/aws_cloudtrail/samples-large.json', 'cloudtrail'],
    ['opensearch-catalog/amazon_s3/raw.log', 's3-access'],
  ])('%s (../shared/data has to be beside the checkout)', async (set, format) => {
    const { folder } = await mergeFolder(sharedPath(set), { format: formatOf(format) });
    expect(await answersOver(folder)).toEqual(await answersOver(sharedPath(set)));
  });
});

describe('a merged file', () => {
  const format = formatOf('api-call');
  const files = { 'a.json': callLines(30).join('\n'), 'b/c.json': callLines(20, { extra: 1.5 }).join('\n') };

  test('stands beside objects that are not merged, and files of others', async () => {
    const { folder } = await mergeFolder(tempFolder({ 'a.json': files['a.json'] }), { format });
    const mixed = tempFolder({ 'b/c.json': files['b/c.json'] });
    mkdirSync(join(mixed, 'slots'));
    copyFileSync(join(folder, 'c-00000001.parquet'), join(mixed, 'slots', 'c-00000001.parquet'));
    const { rows } = await openSource(mixed);
    const { rows: expected } = await openSource(tempFolder(files));
    expect(differences(await rows(ALL_CALLS), await expected(ALL_CALLS))).toEqual([]);
  });

  test.each([
    [
      'a newer version',
      { schemaVersion: STORED_SCHEMA_VERSION + 1 },
      'a file that a newer version of awsusage has merged',
    ],
    [
      'a format that nobody knows',
      { format: 'other' },
      'a merged file of a format of your own that is not in the configuration',
    ],
    ['other columns', { format: 'web-log' }, 'a merged file whose column "timestamp" is not of the type TIMESTAMP'],
  ])('that tells of %s is refused', async (_, told, reason) => {
    const { accounting } = await openSource(await withFooter({ ...FOOTER, ...told }));
    expect(accounting.objects).toMatchObject({ read: 0, failed: 1 });
    expect(accounting.reasons[0]?.reason).toBe(reason);
  });

  test.each([
    ['no JSON', 'x'],
    ['another’s', JSON.stringify({ schemaVersion: 'x' })],
    ['names that are none', JSON.stringify({ ...{ schemaVersion: 1, format: 'api-call' }, lookups: [1] })],
  ])('is one of others where its footer is %s', async (_, footer) => {
    const { accounting } = await openSource(await withFooter(footer));
    expect(accounting.records.kept).toBe(1);
  });

  test('whose extra somebody else wrote is refused', async () => {
    const folder = await withFooter({ ...FOOTER, lookups: ['duration_ms'] }, `'no JSON'`);
    const { accounting } = await openSource(folder);
    expect(accounting.reasons[0]?.reason).toBe('a merged file with rows that awsusage did not write so');
    expect(accounting.objects.failed).toBe(1);
    expect(accounting.records.kept).toBe(0);
  });

  const FOOTER = { schemaVersion: 1, format: 'api-call', partitionKeys: [], lookups: [] };

  /** A folder with a file of one call that has such a footer. */
  async function withFooter(footer: object | string, extra = 'CAST(NULL AS VARCHAR)'): Promise<string> {
    const { engine, columns } = await mergeFolder(tempFolder({ 'a.json': JSON.stringify(recordedCall(1)) }), {
      format,
    });
    const folder = tempFolder();
    const text = typeof footer === 'string' ? footer : JSON.stringify(footer);
    const names = columns.map(({ name, type }) => {
      if (name === 'extra') return `${extra} AS extra`;
      return name === 'timestamp' && text.includes('web-log')
        ? '1 AS "timestamp"'
        : `CAST("${name}" AS ${type}) AS "${name}"`;
    });
    const options = `FORMAT parquet, KV_METADATA {awsusage: '${text}'}`;
    await engine.run(
      `COPY (SELECT ${names.join(', ')} FROM stored_rows) TO '${join(folder, 'x.parquet')}' (${options})`,
    );
    return folder;
  }
});
