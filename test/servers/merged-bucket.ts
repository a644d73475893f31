import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MergedPlace } from '../commands/merged-place.js';
import { askServer } from './ask-server.js';
import type { Server } from './every-server.js';
import { putObjects } from './fill-bucket.js';

/** Two prefixes of a bucket that is there. */
export function bucketPlace(server: Server, bucket: string, name: string): MergedPlace {
  return {
    source: `s3://${bucket}/${name}/json-data/`,
    table: `s3://${bucket}/${name}/parquet-data/`,
    add: (folder, files) =>
      putObjects(
        server,
        bucket,
        new Map(files.map((file) => [`${name}/json-data/${file}`, readFileSync(join(folder, file))])),
      ),
    run: (args) => askServer(server, args),
  };
}
