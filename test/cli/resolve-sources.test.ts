import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

import { parseConfig } from '../../src/cli/parse-config.js';
import { resolveSources, type SourceChoice } from '../../src/cli/resolve-sources.js';
import { UserError } from '../../src/errors.js';

const CONFIG = parseConfig(
  {
    sources: {
      prod: ['s3://trail/AWSLogs/', 'more/'],
      late: { source: 'late', lateness: '3d' },
      here: 'elsewhere',
      near: { source: 's3://trail/', endpointUrl: 'http://localhost:4566', region: 'eu-west-1', profile: 'dev' },
    },
    defaults: { source: 'late' },
  },
  { path: '/project/awsusage.config.json', home: '/home/me' },
);

const PATHS = new Set(['logs/', 'here', 'a[1].json']);

function choose(choice: Partial<SourceChoice>): SourceChoice {
  return { sources: [], env: {}, exists: async (path) => Promise.resolve(PATHS.has(path)), ...choice };
}

it.each<[string, Partial<SourceChoice>, readonly object[]]>([
  ['a path', { sources: ['logs/'] }, [{ location: 'logs/' }]],
  ['several, each once', { sources: ['logs/', '-', 'logs/'] }, [{ location: 'logs/' }, { location: '-' }]],
  ['an address', { sources: ['s3://b/p/'], config: CONFIG }, [{ location: 's3://b/p/' }]],
  ['a glob', { sources: ['2026-*.json'], config: CONFIG }, [{ location: '2026-*.json' }]],
  ['a path that is not there', { sources: ['none'] }, [{ location: 'none' }]],
  ['the same with a folder', { sources: ['./none'], config: CONFIG }, [{ location: './none' }]],
  [
    'a name with two places',
    { sources: ['prod'], config: CONFIG },
    [{ location: 's3://trail/AWSLogs/' }, { location: '/project/more/' }],
  ],
  ['a name with lateness', { sources: ['late'], config: CONFIG }, [{ location: '/project/late', lateness: '3d' }]],
  ['a path before a name', { sources: ['here'], config: CONFIG }, [{ location: 'here' }]],
  ['a bucket', { bucket: 'trail' }, [{ location: 's3://trail/' }]],
  ['a bucket and a prefix', { bucket: 'trail', prefix: 'AWSLogs' }, [{ location: 's3://trail/AWSLogs' }]],
  ['a prefix with its slash', { bucket: 'trail', prefix: 'a/b/' }, [{ location: 's3://trail/a/b/' }]],
  [
    'the address of an access point',
    { bucket: 'arn:aws:s3:eu-west-1:123456789012:accesspoint/logs', prefix: 'a/' },
    [{ location: 's3://arn:aws:s3:eu-west-1:123456789012:accesspoint/logs/a/' }],
  ],
  [
    'a bucket with how it is reached',
    { sources: ['near'], config: CONFIG },
    [{ location: 's3://trail/', endpointUrl: 'http://localhost:4566', region: 'eu-west-1', profile: 'dev' }],
  ],
  [
    'two buckets of one name on two servers',
    { sources: ['near', 's3://trail/', 's3://trail/'], config: CONFIG },
    [
      { location: 's3://trail/', endpointUrl: 'http://localhost:4566', region: 'eu-west-1', profile: 'dev' },
      { location: 's3://trail/' },
    ],
  ],
  [
    'a bucket before the environment',
    { bucket: 'trail', env: { AWSUSAGE_SOURCE: 'logs/' } },
    [{ location: 's3://trail/' }],
  ],
  [
    'the environment, with what other separators would break',
    { env: { AWSUSAGE_SOURCE: 's3://b/a,b:c d/\nlogs/\r\n\n' } },
    [{ location: 's3://b/a,b:c d/' }, { location: 'logs/' }],
  ],
  [
    'a name in the environment',
    { env: { AWSUSAGE_SOURCE: 'late' }, config: CONFIG },
    [{ location: '/project/late', lateness: '3d' }],
  ],
  [
    'a SOURCE before the environment',
    { sources: ['logs/'], env: { AWSUSAGE_SOURCE: 'late' } },
    [{ location: 'logs/' }],
  ],
  [
    'the environment before the default',
    { env: { AWSUSAGE_SOURCE: 'logs/' }, config: CONFIG },
    [{ location: 'logs/' }],
  ],
  ['the default', { config: CONFIG }, [{ location: '/project/late', lateness: '3d' }]],
])('reads %s', async (_name, choice, expected) => {
  expect(await resolveSources(choose(choice))).toEqual(expected);
});

it.each<[string, Partial<SourceChoice>, RegExp, RegExp]>([
  ['nothing', {}, /^No SOURCE was given$/, /awsusage query sessions-per-day \.\/logs\/[^]*AWSUSAGE_SOURCE=/],
  ['an empty environment', { env: { AWSUSAGE_SOURCE: '\n' } }, /^No SOURCE was given$/, /awsusage\.config\.json/],
  ['an empty SOURCE', { sources: [''] }, /is empty/, /logs/],
  ['a mistyped name', { sources: ['prdo'], config: CONFIG }, /^Cannot read prdo: /, /: prod, late, here, near$/],
  ['--prefix alone', { prefix: 'a/' }, /--prefix was given without --bucket/, /--bucket/],
  ['SOURCE and --bucket', { sources: ['logs/'], bucket: 'trail' }, /Both SOURCE and --bucket/, /one of them/],
  ['an address as --bucket', { bucket: 's3://trail' }, /not the name of a bucket/, /--prefix/],
  ['an empty --bucket', { bucket: '' }, /not the name of a bucket/, /SOURCE/],
])('refuses %s', async (_name, choice, message, wayOut) => {
  const error: unknown = await resolveSources(choose(choice)).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(UserError);
  expect((error as UserError).message).toMatch(message);
  expect((error as UserError).wayOut.join('\n')).toMatch(wayOut);
});

it('says which names there are when nothing was given', async () => {
  const { sources } = CONFIG;
  const config = { path: '/project/awsusage.config.json', sources, formats: [] };
  const error: unknown = await resolveSources(choose({ config })).catch((thrown: unknown) => thrown);
  expect((error as UserError).wayOut.at(-1)).toBe(
    'Sources named in /project/awsusage.config.json: prod, late, here, near',
  );
});

it('looks at the file system by itself; a broken link is a path too', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'awsusage-test-sources-'));
  const before = process.cwd();
  try {
    await mkdir(join(folder, 'prod'));
    await symlink('nowhere', join(folder, 'late'));
    process.chdir(folder);
    const choice = { sources: ['prod', 'late'], env: {}, config: CONFIG };
    expect(await resolveSources(choice)).toEqual([{ location: 'prod' }, { location: 'late' }]);
  } finally {
    process.chdir(before);
    await rm(folder, { recursive: true });
  }
});
