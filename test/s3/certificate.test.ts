import { X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { makeCertificate } from './certificate.js';
import { requestPlainly } from './plain-request.js';
import { serverForTest } from './sdk-client.js';

const DAYS = { notBefore: new Date('2026-01-02T03:04:05Z'), notAfter: new Date('2052-06-07T08:09:10Z') };

test('a certificate is what was asked for, and signed by itself', () => {
  const { certificate } = makeCertificate({ names: ['localhost', '*.example.com', '127.0.0.1'], ...DAYS });
  const read = new X509Certificate(certificate);
  expect(read.subjectAltName).toBe('DNS:localhost, DNS:*.example.com, IP Address:127.0.0.1');
  expect([new Date(read.validFrom), new Date(read.validTo)]).toEqual([DAYS.notBefore, DAYS.notAfter]);
  expect(read.ca).toBe(true);
  expect(read.verify(read.publicKey)).toBe(true);
  const other = new X509Certificate(makeCertificate({ names: ['localhost'], ...DAYS }).certificate);
  expect(read.verify(other.publicKey)).toBe(false);
});

test('certificates of any length can be read', () => {
  for (let length = 1; length < 64; length++) {
    const name = `${'a'.repeat(length)}.example`;
    const read = new X509Certificate(makeCertificate({ names: [name], ...DAYS }).certificate);
    expect(read.subjectAltName).toBe(`DNS:${name}`);
  }
});

test('a client takes it only when it trusts it, for its names and its days', async () => {
  const read = async (
    tls: Parameters<typeof serverForTest>[0],
    trusts = true,
  ): Promise<string | number | undefined> => {
    const s3 = await serverForTest(tls);
    s3.createBucket('open', { anonymous: true });
    s3.put('open', 'a', 'text');
    const ca = trusts ? { ca: s3.certificate ?? '' } : {};
    const { status, error } = await requestPlainly(s3.endpoint, { path: '/open/a', ...ca });
    return error ?? status;
  };
  expect(await read({ tls: {} })).toBe(200);
  expect(await read({ tls: {} }, false)).toBe('DEPTH_ZERO_SELF_SIGNED_CERT');
  expect(await read({ tls: { names: ['example.com'] } })).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
  expect(await read({ tls: { notAfter: new Date('2026-01-03') } })).toBe('CERT_HAS_EXPIRED');
});
