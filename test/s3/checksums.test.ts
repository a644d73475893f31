import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { type ChecksumAlgorithm, CHECKSUM_ALGORITHMS, checksumHeader, computeChecksum } from './checksums.js';
import { clientFor, errorOf, serverForTest } from './sdk-client.js';

/** Of the text `123456789`: the check values of the catalogue of CRC algorithms, and those of FIPS 180's functions. */
const CHECK_VALUES: Readonly<Record<ChecksumAlgorithm, string>> = {
  CRC32: 'cbf43926',
  CRC32C: 'e3069283',
  CRC64NVME: 'ae8b14860a799888',
  SHA1: 'f7c3bc1d808e04732adf679965ccc34ca7ae3441',
  SHA256: '15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225',
};

describe.each(CHECKSUM_ALGORITHMS)('%s', (algorithm) => {
  test('has its check value', () => {
    const { value } = computeChecksum(algorithm, Buffer.from('123456789'));
    expect(Buffer.from(value, 'base64').toString('hex')).toBe(CHECK_VALUES[algorithm]);
  });

  test('is what the SDK computes and checks', async () => {
    const s3 = await serverForTest();
    s3.createBucket('logs');
    const client = clientFor(s3);
    const body = Buffer.from('some text '.repeat(1000));
    await client.send(new PutObjectCommand({ Bucket: 'logs', Key: 'sent', Body: body, ChecksumAlgorithm: algorithm }));
    s3.put('logs', 'stored', body, { checksum: algorithm });
    for (const Key of ['sent', 'stored']) {
      const answer = await client.send(new GetObjectCommand({ Bucket: 'logs', Key, ChecksumMode: 'ENABLED' }));
      expect(answer[`Checksum${algorithm}`]).toBe(computeChecksum(algorithm, body).value);
      expect(await answer.Body?.transformToByteArray()).toEqual(new Uint8Array(body));
    }
  });

  test('that is wrong makes the SDK refuse the body', async () => {
    const s3 = await serverForTest();
    s3.put('logs', 'a', 'text', { checksum: algorithm });
    s3.faults.add({ match: () => true, fault: { kind: 'flip' } });
    const answer = await clientFor(s3).send(
      new GetObjectCommand({ Bucket: 'logs', Key: 'a', ChecksumMode: 'ENABLED' }),
    );
    await expect(answer.Body?.transformToString()).rejects.toThrow(/[Cc]hecksum mismatch/);
  });
});

test('checksums come only where they are asked for, and for whole objects', async () => {
  const s3 = await serverForTest();
  s3.put('logs', 'a', 'text', { checksum: 'CRC32' });
  s3.put('logs', 'bare', 'text', { checksum: 'none' });
  const client = clientFor(s3, { responseChecksumValidation: 'WHEN_REQUIRED' });
  const read = async (Key: string, options: object): Promise<string | undefined> =>
    (await client.send(new GetObjectCommand({ Bucket: 'logs', Key, ...options }))).ChecksumCRC32;
  expect(await read('a', {})).toBeUndefined();
  expect(await read('a', { ChecksumMode: 'ENABLED' })).toBe('O4unxw==');
  expect(await read('a', { ChecksumMode: 'ENABLED', Range: 'bytes=0-1' })).toBeUndefined();
  expect(await read('bare', { ChecksumMode: 'ENABLED' })).toBeUndefined();
});

test('an object of parts has the checksum and ETag of its parts, uploaded or put', async () => {
  const s3 = await serverForTest();
  const parts = [Buffer.alloc(5 << 20, 'a'), Buffer.from('the end')];
  s3.put('logs', 'put', Buffer.concat(parts), { checksum: 'SHA256', partSize: 5 << 20 });
  const client = clientFor(s3);
  const target = { Bucket: 'logs', Key: 'uploaded' };
  const { UploadId } = await client.send(new CreateMultipartUploadCommand({ ...target, ChecksumAlgorithm: 'SHA256' }));
  const sent = [];
  for (const [at, Body] of parts.entries()) {
    const part = { ...target, UploadId, PartNumber: at + 1, Body, ChecksumAlgorithm: 'SHA256' as const };
    const { ETag, ChecksumSHA256 } = await client.send(new UploadPartCommand(part));
    sent.push({ PartNumber: at + 1, ETag, ChecksumSHA256 });
  }
  const complete = (Parts: object[]): Promise<string> =>
    errorOf(client.send(new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload: { Parts } })));
  expect(await complete([...sent].reverse())).toBe('InvalidPartOrder');
  expect(await complete(sent.map((part) => ({ ...part, ETag: '"0"' })))).toBe('InvalidPart');
  expect(await complete(sent.map(({ PartNumber, ETag }) => ({ PartNumber, ETag })))).toBe('InvalidRequest');
  expect(await complete(sent)).toBe('none');
  expect(await complete(sent)).toBe('NoSuchUpload');
  const digests = parts.map((part) => createHash('sha256').update(part).digest());
  const composite = `${createHash('sha256').update(Buffer.concat(digests)).digest('base64')}-2`;
  for (const Key of ['put', 'uploaded']) {
    const head = await client.send(new HeadObjectCommand({ Bucket: 'logs', Key, ChecksumMode: 'ENABLED' }));
    const etag = expect.stringMatching(/^"[0-9a-f]{32}-2"$/) as string;
    expect(head).toMatchObject({ ChecksumSHA256: composite, ChecksumType: 'COMPOSITE', ETag: etag });
  }
  expect(checksumHeader('SHA256')).toBe('x-amz-checksum-sha256');
});
