/** How one kind of text that differs from run to run becomes a text that does not. */
export interface NormalRule {
  readonly name: string;
  /** In RE2's syntax: the engine runs it, in time that grows with the text and no faster. Every match is replaced. */
  readonly pattern: string;
  /** `\1` is what the first group of the pattern matched. */
  readonly replacement: string;
}

/** Before and after a text that is no part of a longer word; an underscore ends one, too. */
const START = '(^|[^0-9A-Za-z])';
const END = String.raw`(\b|_)`;

const DAY = '(?:0[1-9]|[12][0-9]|3[01])';
const MONTH = '(?:0[1-9]|1[0-2])';
const YEAR = '(?:19|20)[0-9]{2}';
const HOUR = '(?:[01][0-9]|2[0-3])';
const CLOCK = `${HOUR}[:-]?[0-5][0-9][:-]?[0-5][0-9]`;
const BYTE = '(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])';
const UUID = '[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}';

/** Resources that EC2 and its neighbours number: `i-0abc…`, `vpc-…`. */
const NUMBERED =
  'i|vpc|subnet|sg|sgr|vol|eni|eni-attach|ami|snap|rtb|rtbassoc|igw|eigw|nat|eipalloc|eipassoc|lt|acl|aclassoc|pcx|vpce|vpce-svc|vgw|cgw|vpn|tgw|tgw-attach|tgw-rtb|fs|fsmt|fsap|dopt|key|pl|fl|cr|r|ou|o';

/** The rules that come with awsusage, in the order in which they are applied. */
export const NORMAL_RULES: readonly NormalRule[] = [
  {
    name: 'presigned',
    pattern: String.raw`((?i:X-Amz-(?:Algorithm|Credential|Date|Expires|Security-Token|Signature|SignedHeaders)))=[^&\s]*`,
    replacement: String.raw`\1=<presigned>`,
  },
  { name: 'role-session', pattern: '(:assumed-role/[^/]+)/.+', replacement: String.raw`\1/<session>` },
  { name: 'uuid', pattern: UUID, replacement: '<uuid>' },
  {
    name: 'time',
    pattern: `${YEAR}-?${MONTH}-?${DAY}[T _-]${CLOCK}(?:[.,][0-9]+)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?`,
    replacement: '<time>',
  },
  {
    name: 'hive-date',
    pattern: `year=${YEAR}/month=[0-9]{1,2}/day=[0-9]{1,2}(?:/hour=[0-9]{1,2})?`,
    replacement: '<date>',
  },
  {
    name: 'date',
    pattern: `${START}(?:${YEAR}-${MONTH}-${DAY}|${YEAR}/${MONTH}/${DAY}(?:/${HOUR})?)${END}`,
    replacement: String.raw`\1<date>\2`,
  },
  { name: 'terraform-suffix', pattern: `${START}20[0-9]{16}[0-9a-f]{8}${END}`, replacement: String.raw`\1<suffix>\2` },
  {
    name: 'key-id',
    pattern: `${START}(A(?:KIA|SIA|ROA|IDA|GPA|NPA|NVA|IPA))[A-Z0-9]{16,17}${END}`,
    replacement: String.raw`\1\2<id>\3`,
  },
  {
    name: 'secret-suffix',
    pattern: String.raw`(:secret:[^:\s]*[^:\s-])-[A-Za-z0-9]{6}$`,
    replacement: String.raw`\1-<suffix>`,
  },
  {
    name: 'numbered-id',
    pattern: `${START}(${NUMBERED})-[0-9a-f]{8}(?:[0-9a-f]{9})?${END}`,
    replacement: String.raw`\1\2-<id>\3`,
  },
  {
    name: 'cdk-suffix',
    pattern: `([0-9a-fA-F]{8})-[0-9A-Za-z]{12,13}${END}`,
    replacement: String.raw`\1-<suffix>\2`,
  },
  { name: 'cloudformation-suffix', pattern: `-[0-9A-Z]{12,13}${END}`, replacement: String.raw`-<suffix>\1` },
  {
    name: 'bucket-suffix',
    pattern: `-(?:${withDigit(12)}|${withDigit(13)})${END}`,
    replacement: String.raw`-<suffix>\1`,
  },
  { name: 'hash', pattern: `${START}[0-9a-fA-F]{32,128}${END}`, replacement: String.raw`\1<hash>\2` },
  { name: 'ulid', pattern: `${START}[0-7][0-9A-HJKMNP-TV-Z]{25}${END}`, replacement: String.raw`\1<ulid>\2` },
  { name: 'request-id', pattern: `${START}[0-9A-F]{16}${END}`, replacement: String.raw`\1<request-id>\2` },
  { name: 'account', pattern: `${START}[0-9]{12}${END}`, replacement: String.raw`\1<account>\2` },
  {
    name: 'epoch',
    pattern: `${START}1[4-9][0-9]{8}(?:[0-9]{3}){0,3}${END}`,
    replacement: String.raw`\1<epoch>\2`,
  },
  {
    name: 'ip',
    pattern: String.raw`${START}(?:(?:${BYTE}\.){3}${BYTE}|(?:[0-9a-fA-F]{1,4}:){7}[0-9a-fA-F]{1,4})${END}`,
    replacement: String.raw`\1<ip>\2`,
  },
  {
    name: 'ip-host-name',
    pattern: `${START}ip(?:-${BYTE}){4}${END}`,
    replacement: String.raw`\1ip-<ip>\2`,
  },
  { name: 'port', pattern: String.raw`(://[^/:\s]+):[0-9]{1,5}(/|$)`, replacement: String.raw`\1:<port>\2` },
];

/** A pattern for small letters and digits, exactly `length` of them, at least one a digit: a word is none. */
function withDigit(length: number): string {
  const places = Array.from({ length }, (_, before) => `[a-z]{${before}}[0-9][0-9a-z]{${length - 1 - before}}`);
  return places.join('|');
}
