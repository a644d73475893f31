/** A rule that finds what lies beside logs and is plainly none. */
interface Rule {
  readonly reason: string;
  readonly test: RegExp;
}

/**
 * Folders whose content is no log. A leading `_` alone says nothing: people name folders of logs so, and only the names
 * that Spark, Hadoop, Delta and Hive are known to write are left out.
 */
const FOLDERS: readonly Rule[] = [
  { reason: 'CloudTrail digest', test: /^CloudTrail-Digest$/ },
  { reason: 'CloudTrail Insights events', test: /^CloudTrail-Insight$/ },
  { reason: 'hidden folder', test: /^\.+[^.]/s },
  {
    reason: 'table or job metadata',
    test: /^_(?:delta_log|symlink_format_manifest|spark_metadata|temporary|impala_insert_staging)$/,
  },
  { reason: 'file of the operating system', test: /^__MACOSX$/ },
  { reason: 'ledger of a merged table', test: /.\.ledger$/s },
];

const NAMES: readonly Rule[] = [
  { reason: 'folder marker', test: /_\$folder\$$/ },
  { reason: 'CloudTrail digest', test: /(?:^|\D)\d{12}[_-]CloudTrail-Digest[_-]/ },
  { reason: 'CloudTrail Insights events', test: /(?:^|\D)\d{12}[_-]CloudTrail-Insight[_-]/ },
  { reason: 'hidden file', test: /^\.+[^.]/s },
  {
    reason: 'table or job metadata',
    test: /^_(?:SUCCESS|FAILED|FAILURE|metadata|common_metadata|(?:committed|started)_\d+)$/,
  },
  { reason: 'file of the operating system', test: /^(?:Thumbs\.db|ehthumbs\.db|desktop\.ini)$/i },
  { reason: 'documentation', test: /^(?:README|LICEN[CS]E)(?:\.(?:txt|rst|html?))?$|\.(?:md|markdown)$/i },
  { reason: 'documentation', test: /^(?:NOTICE|COPYING|CHANGELOG)(?:\.txt)?$/ },
  { reason: 'checksum', test: /\.(?:crc|md5|sha1|sha256|sha512|md5sum|sha256sum)$/i },
  { reason: 'checksum', test: /^(?:(?:MD5|SHA1|SHA256|SHA512)SUMS?|checksums?)(?:\.txt)?$/i },
];

/**
 * Why a file name is plainly no log, as a reason to count: hidden files, markers, documentation, checksums, flat copies of
 * CloudTrail's digests. Undefined for what may be one. Names of dots alone (`..`) hide nothing, nor does the empty name of
 * a key that ends in `/`: the store tells whether it marks a folder or has content.
 */
export function reasonToSkipName(name: string): string | undefined {
  return NAMES.find(({ test }) => test.test(name))?.reason;
}

/** Why nothing in these folders is a log: CloudTrail's digests, Insights events and Lake results, hidden folders. */
export function reasonToSkipFolder(folders: readonly string[]): string | undefined {
  for (const [index, folder] of folders.entries()) {
    const rule = FOLDERS.find(({ test }) => test.test(folder));
    if (rule !== undefined) return rule.reason;
    if (folder === 'CloudTrail-Lake' && folders[index + 1] === 'Query') return 'CloudTrail Lake query results';
  }
  return undefined;
}
