import type { S3Access } from './s3-access.js';
import type { WritableStore } from './writable-store.js';
export async function openS3WritableStore(_: {
  bucket: string;
  prefix: string;
  access: S3Access;
}): Promise<WritableStore> {
  throw new Error('not yet');
}
