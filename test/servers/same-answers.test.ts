import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { jsonOf } from '../commands/answer.js';
import { awsusage, type Ended, ROOT } from '../commands/run-awsusage.js';
import { REAL_LOGS_ABSENT } from '../queries/cloudtrail-calls.js';
import { sharedPath } from '../records/shared-data.js';
import { askServer, comparable, firstDifference } from './ask-server.js';
import { EVERY_SERVER, type Server, startServer } from './every-server.js';
import { fillBucket, readObjects } from './fill-bucket.js';
import { makeManyFiles, makePackedFolder } from './made-folders.js';

/** A folder, the view of its records as they were, and how many records a question of it keeps, counted elsewhere. */
interface LogSet {
  readonly name: string;
  readonly folder: string;
  readonly raw: string;
  readonly kept: number;
  /** A time between its first call and its last one. */
  readonly middle: string;
}

const REAL_SETS: readonly LogSet[] = [
  {
    name: 'invictus',
    folder: 'invictus-aws-dataset',
    raw: 'raw_cloudtrail',
    kept: 2900,
    middle: '2023-07-10T12:00:00Z',
  },
  { name: 'stratus', folder: 'stratus-red-team', raw: 'raw_cloudtrail', kept: 310, middle: '2024-08-01' },
  {
    name: 'umccr',
    folder: 'umccr-cloudtrail-parquet-lambda/test_input/AWSLogs',
    raw: 'raw_cloudtrail',
    kept: 184,
    middle: '2020-10-01',
  },
  {
    name: 'grycap',
    folder: 'grycap-cloudtrail-tracker',
    raw: 'raw_cloudtrail',
    kept: 142,
    middle: '2017-06-01T21:52:00Z',
  },
  { name: 'opensearch', folder: 'opensearch-catalog', raw: 'raw_s3_access', kept: 909, middle: '2023-06-01' },
].map((set) => ({ ...set, folder: sharedPath(set.folder) }));

const FIXTURES: readonly LogSet[] = [
  { name: 'example', folder: 'example-bucket', raw: 'raw', kept: 478, middle: '2026-10-03' },
  { name: 'cloudtrail', folder: 'cloudtrail-bucket', raw: 'raw', kept: 48, middle: '2026-10-02' },
  { name: 'apigateway', folder: 'apigateway-bucket', raw: 'raw', kept: 95, middle: '2026-10-02' },
].map((set) => ({ ...set, folder: join(ROOT, 'fixtures', set.folder) }));

/** What is asked of every set, once for each server and once of the folder. SOURCE stands for the folder or the bucket. */
function questionsOf({ name, raw, middle }: LogSet): readonly (readonly string[])[] {
  const all = [
    ['query', 'sessions-per-day', 'SOURCE', '--json'],
    ['query', 'top-operations', 'SOURCE', '--json', '--limit', '0'],
    ['query', 'services', 'SOURCE', '--output', 'csv'],
    ['query', 'errors', 'SOURCE'],
    ['query', 'denormalize', 'SOURCE', '--json', '--limit', '0'],
    ['query', 'top-operations', 'SOURCE', '--since', middle, '--lateness', '1h', '--json'],
    ['query', 'top-operations', 'SOURCE', '--until', middle, '--json'],
    ['sql', 'select * from api_calls order by all', 'SOURCE', '--json'],
    ['sql', `select * from ${raw} order by all`, 'SOURCE', '--json'],
    ['inspect', 'SOURCE', '--json'],
  ];
  return name === 'many' ? all.filter((question) => question.includes('top-operations')) : all;
}

const MANY = 3100;

const packed = await makePackedFolder();
const many = makeManyFiles(MANY);
const MADE_SETS: readonly LogSet[] = [
  { name: 'packed', folder: packed.folder, raw: 'raw', kept: packed.calls, middle: '2026-03-01T06:00:20Z' },
  { name: 'many', folder: many.folder, raw: 'raw', kept: many.calls, middle: '2026-03-01T06:30:00Z' },
];

const SETS = [...(REAL_LOGS_ABSENT === undefined ? REAL_SETS : []), ...FIXTURES, ...MADE_SETS];

/** What the folders say, by set and question: it is the same for every server. */
const ofFolders = new Map<string, Promise<Ended>>();

describe.each(EVERY_SERVER)('%s', (name) => {
  let server: Server;

  beforeAll(async () => {
    server = await startServer(name);
    const objects = new Map<string, string | Buffer>(
      SETS.flatMap((set) => [...readObjects(set.folder, `${set.name}/`)]),
    );
    // A prefix is a folder: what only begins like it is something else.
    for (const set of SETS) objects.set(`${set.name}-old/decoy.json`, 'not a log');
    await fillBucket(server, 'logs', objects);
  });

  afterAll(() => server.stop());

  describe.each(SETS)('$name', (set) => {
    test.concurrent.each(questionsOf(set).map((question) => [question.join(' '), question] as const))(
      '%s',
      async (_name, question) => {
        const [folder, bucket] = await Promise.all([
          askFolder(set, question),
          askServer(server, withSource(question, `s3://logs/${set.name}/`)),
        ]);
        expect(folder.stdout).not.toBe('');
        expect(firstDifference(comparable(bucket), comparable(folder))).toBeUndefined();
      },
    );

    test('keeps every record', async () => {
      const end = await askServer(server, ['query', 'services', `s3://logs/${set.name}`, '--json', '--allow-partial']);
      expect(end).toMatchObject({ code: 0, left: [] });
      expect(jsonOf(end).accounting.records.kept).toBe(set.kept);
    });
  });
});

describe.runIf(REAL_LOGS_ABSENT !== undefined)('the real sets', () => {
  test.skip(`${REAL_LOGS_ABSENT}`, () => undefined);
});

function askFolder(set: LogSet, question: readonly string[]): Promise<Ended> {
  const asked = withSource(question, set.folder);
  const name = asked.join(' ');
  const known = ofFolders.get(name) ?? awsusage(asked);
  ofFolders.set(name, known);
  return known;
}

function withSource(question: readonly string[], source: string): string[] {
  return question.map((word) => (word === 'SOURCE' ? source : word));
}
