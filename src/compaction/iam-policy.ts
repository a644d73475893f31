export type ArnPartition = 'aws' | 'aws-cn' | 'aws-us-gov';

export interface PolicyScope {
  /** A bucket's name, or an access point's ARN. */
  readonly sourceBucket: string;
  /** What the keys of the source begin with; empty for the whole bucket. */
  readonly sourcePrefix: string;
  readonly destinationBucket: string;
  /** The table's folder, with or without a slash at its end; the ledger is its sibling. */
  readonly destinationPrefix: string;
  /** Where the buckets are; `aws` where it is not given. */
  readonly partition?: ArnPartition;
}

/**
 * How `gc` clears merged objects away: `delete` removes an object if it still has its ETag, `delete-version` that one version
 * of a bucket with versions, `tag` marks a version for a lifecycle rule.
 */
export type Removal = 'delete' | 'delete-version' | 'tag';

export type PolicyCondition = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

export interface PolicyStatement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: PolicyCondition;
}

/** An identity-based IAM policy, as it goes into JSON. */
export interface PolicyDocument {
  /** The version of the language that knows `${*}`. */
  readonly Version: '2012-10-17';
  readonly Statement: readonly PolicyStatement[];
}

/**
 * The least that `compact` needs: it lists and reads the source, and creates objects under the destination and its ledger, but
 * can neither overwrite nor delete. S3 User Guide, "Enforce conditional writes on Amazon S3 buckets": `s3:if-none-match`
 * holds for PutObject and CompleteMultipartUpload; the requests that begin an upload and send its parts carry no condition and
 * are told apart by `s3:ObjectCreationOperation`. Keys of AWS KMS are not covered: a bucket that is encrypted with one needs
 * `kms:Decrypt` and `kms:GenerateDataKey` besides.
 */
export function compactPolicy(scope: PolicyScope): PolicyDocument {
  const { source, destination, ledger } = placesOf(scope);
  const written = [...destination.objects, ...ledger.objects];
  return policy([
    ...listAndRead(source, destination, ledger),
    allow('CreateOnly', ['s3:PutObject'], { on: written, condition: { Null: { 's3:if-none-match': 'false' } } }),
    allow('SendParts', ['s3:PutObject'], {
      on: written,
      condition: { Bool: { 's3:ObjectCreationOperation': 'false' } },
    }),
    allow('AbortOwnUploads', ['s3:AbortMultipartUpload'], { on: written }),
  ]);
}

/**
 * The least that `gc` needs: it reads source, destination and ledger, clears away objects of the source, creates objects in
 * the ledger, and removes those with which it probes the store (`<ledger>/probe/`, and `<source>.ledger/probe/` where the source
 * is in another bucket). S3 User Guide, "Enforce conditional deletes
 * on Amazon S3 buckets": `s3:if-match` holds for DeleteObject, which with an ETag needs GetObject too. Service Authorization
 * Reference, "Actions, resources, and condition keys for Amazon S3": DeleteObjectVersion and the tagging actions know no
 * `s3:if-match`; there the version's id is the condition. S3 API Reference, "PutObjectTagging": a version's tags need
 * PutObjectVersionTagging too.
 */
export function gcPolicy(scope: PolicyScope & { readonly removal: Removal }): PolicyDocument {
  const { source, destination, ledger, probes } = placesOf(scope);
  return policy([
    ...listAndRead(source, destination, ledger),
    ...removalFrom(source, scope.removal),
    allow('CreateOnly', ['s3:PutObject'], { on: ledger.objects, condition: { Null: { 's3:if-none-match': 'false' } } }),
    allow('RemoveProbes', ['s3:DeleteObject'], { on: probes.objects, condition: IF_MATCH }),
    ...probesBeside(scope),
  ]);
}

/** What a bucket enforces is not known by a table in another one: it is probed beside the source. */
function probesBeside(scope: PolicyScope & { readonly removal: Removal }): PolicyStatement[] {
  const { partition = 'aws', sourceBucket, sourcePrefix, destinationBucket, removal } = scope;
  if (sourceBucket === destinationBucket || removal !== 'delete') return [];
  const place = placeOf(sourceBucket, { prefix: `${sourcePrefix.replace(/\/+$/, '')}.ledger/probe/`, partition });
  return [
    allow('ListSourceProbes', ['s3:ListBucket'], { on: [place.bucket], condition: listing([place]) }),
    allow('ReadSourceProbes', ['s3:GetObject'], { on: place.objects }),
    allow('CreateSourceProbes', ['s3:PutObject'], {
      on: place.objects,
      condition: { Null: { 's3:if-none-match': 'false' } },
    }),
    allow('RemoveSourceProbes', ['s3:DeleteObject'], { on: place.objects, condition: IF_MATCH }),
  ];
}

const IF_MATCH: PolicyCondition = { Null: { 's3:if-match': 'false' } };

/** Part of a bucket, as statements name it. */
interface Place {
  readonly bucket: string;
  readonly objects: readonly string[];
  /** What a listing's prefix has to look like; undefined where the whole bucket may be listed. */
  readonly listed: string | undefined;
}

function placesOf(scope: PolicyScope): Readonly<Record<'source' | 'destination' | 'ledger' | 'probes', Place>> {
  const { partition = 'aws', destinationBucket } = scope;
  const table = scope.destinationPrefix.replace(/\/+$/, '');
  const inDestination = (prefix: string): Place => placeOf(destinationBucket, { prefix, partition });
  return {
    source: placeOf(scope.sourceBucket, { prefix: scope.sourcePrefix, partition }),
    destination: inDestination(`${table}/`),
    ledger: inDestination(`${table}.ledger/`),
    probes: inDestination(`${table}.ledger/probe/`),
  };
}

/** S3 User Guide, "Configuring IAM policies for using access points": objects of one are `<ARN>/object/<key>`. */
function placeOf(bucket: string, { prefix, partition }: { prefix: string; partition: ArnPartition }): Place {
  const isArn = bucket.startsWith('arn:');
  const arn = isArn ? bucket : `arn:${partition}:s3:::${bucket}`;
  const pattern = `${escapeWildcards(prefix)}*`;
  return {
    bucket: arn,
    objects: [`${arn}/${isArn ? 'object/' : ''}${pattern}`],
    listed: prefix === '' ? undefined : pattern,
  };
}

/** IAM User Guide, "IAM policy elements: Variables and tags": `*`, `?` and `$` as they stand are `${*}`, `${?}` and `${$}`. */
function escapeWildcards(text: string): string {
  return text.replace(/[*?$]/g, (character) => `\${${character}}`);
}

function listAndRead(source: Place, destination: Place, ledger: Place): PolicyStatement[] {
  return [
    allow('ListSource', ['s3:ListBucket'], { on: [source.bucket], condition: listing([source]) }),
    allow('ListDestination', ['s3:ListBucket'], {
      on: [destination.bucket],
      condition: listing([destination, ledger]),
    }),
    allow('Read', ['s3:GetObject'], { on: [...source.objects, ...destination.objects, ...ledger.objects] }),
  ];
}

/**
 * "IfExists", as a HEAD or GET has no prefix: without ListBucket for it S3 says 403 of an object that is not there, not 404 (S3
 * API Reference, "HeadObject"), and compaction could not tell what is absent.
 */
function listing(places: readonly Place[]): PolicyCondition | undefined {
  const prefixes = places.flatMap(({ listed }) => listed ?? []);
  return prefixes.length < places.length ? undefined : { StringLikeIfExists: { 's3:prefix': prefixes } };
}

function removalFrom(source: Place, removal: Removal): PolicyStatement[] {
  const on = source.objects;
  switch (removal) {
    case 'delete':
      return [allow('RemoveUnchanged', ['s3:DeleteObject'], { on, condition: IF_MATCH })];
    case 'delete-version':
      return [allow('RemoveVersions', ['s3:GetObjectVersion', 's3:DeleteObjectVersion'], { on })];
    case 'tag':
      return [
        allow('ReadVersionsAndTags', ['s3:GetObjectVersion', 's3:GetObjectTagging', 's3:GetObjectVersionTagging'], {
          on,
        }),
        allow('TagVersions', ['s3:PutObjectTagging', 's3:PutObjectVersionTagging'], { on }),
      ];
  }
}

function allow(
  sid: string,
  actions: readonly string[],
  { on, condition }: { readonly on: readonly string[]; readonly condition?: PolicyCondition | undefined },
): PolicyStatement {
  const statement: PolicyStatement = { Sid: sid, Effect: 'Allow', Action: actions, Resource: on };
  return condition === undefined ? statement : { ...statement, Condition: condition };
}

function policy(statements: readonly PolicyStatement[]): PolicyDocument {
  return { Version: '2012-10-17', Statement: statements };
}
