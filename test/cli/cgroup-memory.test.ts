import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { readCgroupMemoryLimit } from '../../src/cli/cgroup-memory.js';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'awsusage-test-cgroup-'));
});

afterEach(async () => {
  await rm(root, { recursive: true });
});

it.each<[string, Record<string, string>, number]>([
  ['no control groups (macOS)', {}, Infinity],
  ['version 2, own group', { 'proc/self/cgroup': '0::/app\n', 'cgroup/app/memory.max': '1000\n' }, 1000],
  ['version 2, no limit', { 'proc/self/cgroup': '0::/app\n', 'cgroup/app/memory.max': 'max\n' }, Infinity],
  [
    'version 2, a group above has less',
    {
      'proc/self/cgroup': '0::/a/b/c\n',
      'cgroup/a/memory.max': '700\n',
      'cgroup/a/b/memory.max': 'max\n',
      'cgroup/a/b/c/memory.max': '900\n',
    },
    700,
  ],
  [
    'version 2, memory.high is less',
    { 'proc/self/cgroup': '0::/\n', 'cgroup/memory.max': '1000\n', 'cgroup/memory.high': '800\n' },
    800,
  ],
  [
    'a container that sees its own group as the root',
    { 'proc/self/cgroup': '0::/docker/abc\n', 'cgroup/memory.max': '500\n' },
    500,
  ],
  [
    'version 1 beside an empty version 2',
    {
      'proc/self/cgroup': '5:memory,hugetlb:/x/y\n3:cpuset:/\n0::/\n',
      'cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n',
      'cgroup/memory/x/memory.limit_in_bytes': '600\n',
      'cgroup/memory/x/y/memory.limit_in_bytes': '650\n',
    },
    600,
  ],
  ['a line that is none', { 'proc/self/cgroup': 'nonsense\n', 'cgroup/memory.max': '1\n' }, Infinity],
])('%s', async (_name, files, limit) => {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), text);
  }
  expect(readCgroupMemoryLimit({ proc: join(root, 'proc'), cgroup: join(root, 'cgroup') })).toBe(limit);
});
