import { describe, expect, test } from 'vitest';
import { compactPolicy, gcPolicy, type PolicyDocument, type PolicyStatement } from '../../src/compaction/iam-policy.js';

const SCOPE = {
  sourceBucket: 'raw-logs',
  sourcePrefix: 'json-data/',
  destinationBucket: 'tables',
  destinationPrefix: 'parquet-data/',
};

const SOURCE = 'arn:aws:s3:::raw-logs/json-data/*';
const TABLE = 'arn:aws:s3:::tables/parquet-data/*';
const LEDGER = 'arn:aws:s3:::tables/parquet-data.ledger/*';

const LIST_AND_READ = [
  {
    Sid: 'ListSource',
    Effect: 'Allow',
    Action: ['s3:ListBucket'],
    Resource: ['arn:aws:s3:::raw-logs'],
    Condition: { StringLikeIfExists: { 's3:prefix': ['json-data/*'] } },
  },
  {
    Sid: 'ListDestination',
    Effect: 'Allow',
    Action: ['s3:ListBucket'],
    Resource: ['arn:aws:s3:::tables'],
    Condition: { StringLikeIfExists: { 's3:prefix': ['parquet-data/*', 'parquet-data.ledger/*'] } },
  },
  { Sid: 'Read', Effect: 'Allow', Action: ['s3:GetObject'], Resource: [SOURCE, TABLE, LEDGER] },
];

const IF_MATCH = { Null: { 's3:if-match': 'false' } };
const IF_NONE_MATCH = { Null: { 's3:if-none-match': 'false' } };

describe('the policy of compact', () => {
  test('allows reading, and creating without overwriting, and nothing else', () => {
    expect(JSON.parse(JSON.stringify(compactPolicy(SCOPE)))).toEqual({
      Version: '2012-10-17',
      Statement: [
        ...LIST_AND_READ,
        {
          Sid: 'CreateOnly',
          Effect: 'Allow',
          Action: ['s3:PutObject'],
          Resource: [TABLE, LEDGER],
          Condition: IF_NONE_MATCH,
        },
        {
          Sid: 'SendParts',
          Effect: 'Allow',
          Action: ['s3:PutObject'],
          Resource: [TABLE, LEDGER],
          Condition: { Bool: { 's3:ObjectCreationOperation': 'false' } },
        },
        { Sid: 'AbortOwnUploads', Effect: 'Allow', Action: ['s3:AbortMultipartUpload'], Resource: [TABLE, LEDGER] },
      ],
    });
  });

  test.each(['aws', 'aws-cn', 'aws-us-gov'] as const)('names everything in the partition %s', (partition) => {
    const resources = compactPolicy({ ...SCOPE, partition }).Statement.flatMap(({ Resource }) => Resource);
    expect(new Set(resources.map((arn) => arn.replace(/:s3:::.*/, '')))).toEqual(new Set([`arn:${partition}`]));
  });

  test('does without a prefix where the source is a whole bucket', () => {
    const { Statement } = compactPolicy({ ...SCOPE, sourcePrefix: '' });
    expect(Statement[0]).toEqual({
      Sid: 'ListSource',
      Effect: 'Allow',
      Action: ['s3:ListBucket'],
      Resource: ['arn:aws:s3:::raw-logs'],
    });
    expect(Statement[2]?.Resource[0]).toBe('arn:aws:s3:::raw-logs/*');
  });

  test('is the same with and without a slash after the destination', () => {
    expect(compactPolicy({ ...SCOPE, destinationPrefix: 'parquet-data' })).toEqual(compactPolicy(SCOPE));
  });

  test('takes wildcards and variables in names for what they are', () => {
    const { Statement } = compactPolicy({ ...SCOPE, sourcePrefix: 'a*b?c${aws:username}/' });
    const escaped = 'a${*}b${?}c${$}{aws:username}/*';
    expect(Statement[0]?.Condition).toEqual({ StringLikeIfExists: { 's3:prefix': [escaped] } });
    expect(Statement[2]?.Resource[0]).toBe(`arn:aws:s3:::raw-logs/${escaped}`);
  });

  test('names an access point and its objects', () => {
    const sourceBucket = 'arn:aws-cn:s3:cn-north-1:111122223333:accesspoint/logs';
    const { Statement } = compactPolicy({ ...SCOPE, sourceBucket, partition: 'aws-cn' });
    expect(Statement[0]?.Resource).toEqual([sourceBucket]);
    expect(Statement[2]?.Resource[0]).toBe(`${sourceBucket}/object/json-data/*`);
  });
});

describe('the policy of gc', () => {
  const LEDGER_STATEMENTS = [
    { Sid: 'CreateOnly', Effect: 'Allow', Action: ['s3:PutObject'], Resource: [LEDGER], Condition: IF_NONE_MATCH },
    {
      Sid: 'RemoveProbes',
      Effect: 'Allow',
      Action: ['s3:DeleteObject'],
      Resource: ['arn:aws:s3:::tables/parquet-data.ledger/probe/*'],
      Condition: IF_MATCH,
    },
  ];

  const ON_SOURCE_PROBES = { Effect: 'Allow', Resource: ['arn:aws:s3:::raw-logs/json-data.ledger/probe/*'] };
  const SOURCE_PROBES = [
    {
      Sid: 'ListSourceProbes',
      Effect: 'Allow',
      Action: ['s3:ListBucket'],
      Resource: ['arn:aws:s3:::raw-logs'],
      Condition: { StringLikeIfExists: { 's3:prefix': ['json-data.ledger/probe/*'] } },
    },
    { Sid: 'ReadSourceProbes', Action: ['s3:GetObject'], ...ON_SOURCE_PROBES },
    { Sid: 'CreateSourceProbes', Action: ['s3:PutObject'], Condition: IF_NONE_MATCH, ...ON_SOURCE_PROBES },
    { Sid: 'RemoveSourceProbes', Action: ['s3:DeleteObject'], Condition: IF_MATCH, ...ON_SOURCE_PROBES },
  ];

  test.each([
    ['delete', [{ Sid: 'RemoveUnchanged', Action: ['s3:DeleteObject'], Condition: IF_MATCH }]],
    ['delete-version', [{ Sid: 'RemoveVersions', Action: ['s3:GetObjectVersion', 's3:DeleteObjectVersion'] }]],
    [
      'tag',
      [
        {
          Sid: 'ReadVersionsAndTags',
          Action: ['s3:GetObjectVersion', 's3:GetObjectTagging', 's3:GetObjectVersionTagging'],
        },
        { Sid: 'TagVersions', Action: ['s3:PutObjectTagging', 's3:PutObjectVersionTagging'] },
      ],
    ],
  ] as const)('to %s allows that of the source, and nothing else', (removal, expected) => {
    expect(JSON.parse(JSON.stringify(gcPolicy({ ...SCOPE, removal })))).toEqual({
      Version: '2012-10-17',
      Statement: [
        ...LIST_AND_READ,
        ...expected.map((statement) => ({ ...statement, Effect: 'Allow', Resource: [SOURCE] })),
        ...LEDGER_STATEMENTS,
        ...(removal === 'delete' ? SOURCE_PROBES : []),
      ],
    });
  });

  test('probes only beside the table where the source is in the same bucket', () => {
    const { Statement } = gcPolicy({ ...SCOPE, sourceBucket: 'tables', removal: 'delete' });
    expect(Statement.flatMap(({ Sid, Resource }) => (Sid.includes('Probes') ? Resource : []))).toEqual([
      'arn:aws:s3:::tables/parquet-data.ledger/probe/*',
    ]);
  });
});

interface Request {
  readonly action: string;
  readonly resource: string;
  readonly keys?: Readonly<Record<string, string>>;
}

/** What S3 tells IAM of a request; `s3:ObjectCreationOperation` is true of what makes an object. */
const PUT = { action: 's3:PutObject', keys: { 's3:ObjectCreationOperation': 'true' } };
const CREATE = { ...PUT, keys: { ...PUT.keys, 's3:if-none-match': '*' } };
const PART = { action: 's3:PutObject', keys: { 's3:ObjectCreationOperation': 'false' } };
const DELETE = { action: 's3:DeleteObject' };
const DELETE_IF = { ...DELETE, keys: { 's3:if-match': '"etag"' } };
const SLOT = 'arn:aws:s3:::tables/parquet-data/hour=06/c-00000001.parquet';
const PLAN = 'arn:aws:s3:::tables/parquet-data.ledger/plans/1.json.gz';
const PROBE = 'arn:aws:s3:::tables/parquet-data.ledger/probe/1';
const LOG = 'arn:aws:s3:::raw-logs/json-data/hour=06/a.json.gz';

describe('as IAM reads it', () => {
  const compact = compactPolicy(SCOPE);
  const gc = gcPolicy({ ...SCOPE, removal: 'delete' });
  const starred = compactPolicy({ ...SCOPE, sourcePrefix: 'a*/' });
  const list = (bucket: string, prefix?: string): Request => ({
    action: 's3:ListBucket',
    resource: `arn:aws:s3:::${bucket}`,
    ...(prefix !== undefined && { keys: { 's3:prefix': prefix } }),
  });

  test.each<[string, PolicyDocument, Request, boolean]>([
    ['compact reads a log', compact, { action: 's3:GetObject', resource: LOG }, true],
    ['compact lists an hour', compact, list('raw-logs', 'json-data/hour=06/'), true],
    ['compact lists the ledger', compact, list('tables', 'parquet-data.ledger/plans/'), true],
    ['compact learns that an object is not there', compact, list('tables'), true],
    ['compact does not list beside its source', compact, list('raw-logs', 'payroll/'), false],
    ['compact does not list a sibling', compact, list('raw-logs', 'json-data-2/'), false],
    ['compact creates a slot', compact, { ...CREATE, resource: SLOT }, true],
    ['compact creates a plan', compact, { ...CREATE, resource: PLAN }, true],
    ['compact sends a part', compact, { ...PART, resource: SLOT }, true],
    ['compact aborts an upload', compact, { action: 's3:AbortMultipartUpload', resource: SLOT }, true],
    ['compact does not overwrite a slot', compact, { ...PUT, resource: SLOT }, false],
    ['compact does not write to its source', compact, { ...CREATE, resource: LOG }, false],
    ['compact does not delete a log', compact, { ...DELETE_IF, resource: LOG }, false],
    ['compact does not delete a slot', compact, { ...DELETE_IF, resource: SLOT }, false],
    [
      'a star in a name stands for itself',
      starred,
      { action: 's3:GetObject', resource: 'arn:aws:s3:::raw-logs/a*/1' },
      true,
    ],
    ['and for nothing else', starred, { action: 's3:GetObject', resource: 'arn:aws:s3:::raw-logs/ab/1' }, false],
    ['gc deletes an unchanged log', gc, { ...DELETE_IF, resource: LOG }, true],
    ['gc deletes nothing unseen', gc, { ...DELETE, resource: LOG }, false],
    ['gc deletes no slot', gc, { ...DELETE_IF, resource: SLOT }, false],
    ['gc deletes no plan', gc, { ...DELETE_IF, resource: PLAN }, false],
    ['gc removes its probe', gc, { ...DELETE_IF, resource: PROBE }, true],
    ['gc creates no slot', gc, { ...CREATE, resource: SLOT }, false],
    ['gc deletes no version', gc, { action: 's3:DeleteObjectVersion', resource: LOG }, false],
  ])('%s', (_name, { Statement }, request, expected) => {
    expect(Statement.some((statement) => allows(statement, request))).toBe(expected);
  });
});

/** As the IAM User Guide describes the operators: `Null` asks whether a key is absent, `…IfExists` is true where it is. */
function allows(statement: PolicyStatement, { action, resource, keys = {} }: Request): boolean {
  const operators: Readonly<Record<string, (given: string | undefined, wanted: readonly string[]) => boolean>> = {
    Null: (given, wanted) => wanted.includes(String(given === undefined)),
    Bool: (given, wanted) => given !== undefined && wanted.includes(given),
    StringLikeIfExists: (given, wanted) => given === undefined || wanted.some((pattern) => isLike(given, pattern)),
  };
  const conditions = Object.entries(statement.Condition ?? {}).flatMap(([operator, wanted]) =>
    Object.entries(wanted).map(([key, values]) => operators[operator]!(keys[key], [values].flat())),
  );
  return (
    statement.Action.includes(action) &&
    statement.Resource.some((pattern) => isLike(resource, pattern)) &&
    conditions.every((holds) => holds)
  );
}

function isLike(text: string, pattern: string): boolean {
  const source = pattern.replace(
    /\$\{([*?$])\}|([*?])|([^\w/])/g,
    (_all, literal?: string, wild?: string, other?: string) =>
      wild === undefined ? `\\${literal ?? other ?? ''}` : wild === '*' ? '.*' : '.',
  );
  return new RegExp(`^${source}$`, 's').test(text);
}
