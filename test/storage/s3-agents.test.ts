import { createServer } from 'node:http';
import { describe, expect, onTestFinished, test } from 'vitest';
import { UserError } from '../../src/errors.js';
import { startConnectProxy } from '../s3/connect-proxy.js';
import { closeServer, listen } from '../s3/listen.js';
import { serverForTest } from '../s3/sdk-client.js';
import { openS3Store } from '../../src/storage/s3-store.js';
import type { TestS3 } from '../s3/s3-server.js';
import { contentOf, objectsOf, openBucket, useCredentials } from './open-bucket.js';
import { tempFolder } from './temp-folder.js';
import { SYSTEM_CLOCK } from './system-clock.js';

const AWS_NAMES = ['*.s3.us-east-1.amazonaws.com', '*.s3.eu-west-1.amazonaws.com'];

describe('AWS_CA_BUNDLE', () => {
  test('names the certificates to trust', async () => {
    const s3 = await serverForTest({ tls: {} });
    s3.put('logs', 'a', 'text');
    const store = await openBucket(s3, 'logs', { env: { AWS_CA_BUNDLE: bundleOf(s3) } });
    const [object] = await objectsOf(store);
    expect((await contentOf(store, object!)).toString()).toBe('text');
  });

  test('that cannot be read is an error', async () => {
    const s3 = await serverForTest({ tls: {} });
    const error = await openBucket(s3, 'logs', { env: { AWS_CA_BUNDLE: '/nowhere/ca.pem' } }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).message).toMatch(/AWS_CA_BUNDLE, \/nowhere\/ca.pem/);
  });
});

describe('a proxy', () => {
  test('leads to AWS itself, with the bucket in the host name, and to its region', async () => {
    const { s3, proxy, open } = await behindProxy();
    s3.createBucket('my-logs', { region: 'eu-west-1' });
    s3.put('my-logs', 'data/a', 'text');
    const store = await open('my-logs');
    const [object] = await objectsOf(store);
    expect((await contentOf(store, object!)).toString()).toBe('text');
    expect(object?.identity).toBe('s3:aws:my-logs/data/a');
    expect(new Set(proxy.asked)).toEqual(
      new Set(['my-logs.s3.us-east-1.amazonaws.com:443', 'my-logs.s3.eu-west-1.amazonaws.com:443']),
    );
  });

  test('is passed by for the hosts of NO_PROXY', async () => {
    const s3 = await serverForTest();
    s3.put('logs', 'a', 'text');
    const proxy = await startConnectProxy(s3.endpoint);
    onTestFinished(() => proxy.close());
    for (const [noProxy, asked] of [
      ['', true],
      ['127.0.0.1', false],
    ] as const) {
      const before = proxy.asked.length;
      const store = await openBucket(s3, 'logs', { variables: { HTTP_PROXY: proxy.url, NO_PROXY: noProxy } });
      const [object] = await objectsOf(store);
      expect((await contentOf(store, object!)).toString()).toBe('text');
      expect(proxy.asked.length > before).toBe(asked);
    }
  });

  test.each<readonly [string, () => Promise<string>, RegExp]>([
    ['not there', () => Promise.resolve('127.0.0.1:9'), /the proxy does not lead there \(127.0.0.1:9: ECONNREFUSED\)/],
    ['refuses', refusingProxy, /the proxy does not lead there \(127.0.0.1:\d+: Bad response: 407\)/],
  ])('that is %s is an error, which does not tell its password', async (_, start, message) => {
    const s3 = await serverForTest();
    const variables = { HTTP_PROXY: `http://user:secret@${await start()}` };
    const error = await openBucket(s3, 'logs', { variables }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UserError);
    const { message: said, wayOut } = error as UserError;
    expect(said).toMatch(message);
    expect(wayOut.join()).toMatch(/HTTPS_PROXY/);
    expect(said + wayOut.join()).not.toContain('secret');
  });

  async function refusingProxy(): Promise<string> {
    const server = createServer();
    server.on('connect', (_, socket) => socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n'));
    const port = await listen(server);
    onTestFinished(() => closeServer(server));
    return `127.0.0.1:${port}`;
  }

  async function behindProxy() {
    const s3 = await serverForTest({ tls: { names: AWS_NAMES } });
    const proxy = await startConnectProxy(s3.endpoint);
    onTestFinished(() => proxy.close());
    const open = async (bucket: string) => {
      useCredentials(s3.credentials, { variables: { HTTPS_PROXY: proxy.url } });
      const access = { ...SYSTEM_CLOCK, env: { AWS_CA_BUNDLE: bundleOf(s3) }, retryDelayMs: 1 };
      const store = await openS3Store({ bucket, prefix: '', access, folder: () => Promise.resolve(tempFolder()) });
      onTestFinished(() => store.close?.());
      return store;
    };
    return { s3, proxy, open };
  }
});

function bundleOf(s3: TestS3): string {
  return `${tempFolder({ 'ca.pem': s3.certificate ?? '' })}/ca.pem`;
}
