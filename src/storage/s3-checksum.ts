import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { crc32 } from 'node:zlib';
import { Crc32c, Crc64Nvme } from '@aws-sdk/checksums/crc';

/** Holds a body against the checksum that the server keeps of it. */
export interface ChecksumCheck {
  update(chunk: Uint8Array): void;
  /** To be asked once, when the whole body was there. */
  matches(): Promise<boolean>;
}

/**
 * The check for an answer to GET, by the cheapest of the checksums that it has; undefined where it has none, or only one of
 * the parts that the object was uploaded in (`…-3`), which the body does not tell.
 */
export function checksumCheck(headers: IncomingHttpHeaders): ChecksumCheck | undefined {
  if (headers['x-amz-checksum-type'] === 'COMPOSITE') return undefined;
  for (const [name, open] of Object.entries(ALGORITHMS)) {
    const expected = headers[`x-amz-checksum-${name}`];
    if (typeof expected !== 'string' || expected.includes('-')) continue;
    const sum = open();
    return {
      update: (chunk) => sum.update(chunk),
      matches: async () => Buffer.from(await sum.digest()).toString('base64') === expected,
    };
  }
  return undefined;
}

interface Sum {
  update(chunk: Uint8Array): void;
  digest(): Uint8Array | Promise<Uint8Array>;
}

/** The cheapest first. */
const ALGORITHMS: Readonly<Record<string, () => Sum>> = {
  crc32: () => new Crc32(),
  sha1: () => createHash('sha1'),
  sha256: () => createHash('sha256'),
  crc64nvme: () => new Crc64Nvme(),
  crc32c: () => new Crc32c(),
};

class Crc32 implements Sum {
  #value = 0;

  update(chunk: Uint8Array): void {
    this.#value = crc32(chunk, this.#value);
  }

  digest(): Uint8Array {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(this.#value);
    return bytes;
  }
}
