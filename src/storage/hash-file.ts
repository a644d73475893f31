import { createHash } from 'node:crypto';
import { createReadStream, type PathLike } from 'node:fs';
import { pipeline } from 'node:stream/promises';

/**
 * The SHA-256 of a file of this machine, in hexadecimal digits.
 * @throws an error of the system
 */
export async function hashFile(file: PathLike): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}
