import CacheStatus from './cache/status.js';

/** Without a further word the cache is only looked at. */
export default class Cache extends CacheStatus {
  static override summary = 'keep what was read, so that the next question is answered at once';
  static override description =
    'Buckets, and folders that take more than a second to read, are kept as Parquet files of your own behind the answer to a question; the next question reads these, and from the source only what is new or changed. `cache fill` does it now, `cache status` says what is there, `cache clear` removes it. AWSUSAGE_CACHE=off or --no-cache go without, AWSUSAGE_CACHE=read fills nothing by itself; on CI it is off unless AWSUSAGE_CACHE says otherwise. AWSUSAGE_CACHE_SIZE bounds it (10GB).';
}
