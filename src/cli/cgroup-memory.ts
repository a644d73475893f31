import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Where the kernel shows itself; tests put their own trees here. */
export interface KernelFolders {
  readonly proc: string;
  readonly cgroup: string;
}

const KERNEL_FOLDERS: KernelFolders = { proc: '/proc', cgroup: '/sys/fs/cgroup' };

/**
 * The least memory limit in bytes of the control groups that this process is in, version 1 and 2, with all groups above its
 * own; Infinity where there is none (and on macOS). A container often sees its own group as the root of the mount although
 * `/proc/self/cgroup` names a path outside, so paths that are not there are passed over.
 * Files: kernel.org, admin-guide/cgroup-v2 (`memory.max`, `memory.high`) and cgroup-v1/memory (`memory.limit_in_bytes`).
 */
export function readCgroupMemoryLimit(folders: KernelFolders = KERNEL_FOLDERS): number {
  const groups = readText(join(folders.proc, 'self/cgroup')).split('\n').flatMap(parseMembership);
  const limits = groups.flatMap(({ version, path }) => {
    const mount = version === 1 ? join(folders.cgroup, 'memory') : folders.cgroup;
    const files = version === 1 ? ['memory.limit_in_bytes'] : ['memory.max', 'memory.high'];
    return listAncestors(path).flatMap((group) => files.map((file) => readLimit(join(mount, group, file))));
  });
  return Math.min(Infinity, ...limits);
}

/** A line is `0::/path` in version 2 and `4:memory,…:/path` in version 1. */
function parseMembership(line: string): readonly { version: 1 | 2; path: string }[] {
  const [, hierarchy, controllers = '', path] = /^(\d+):([^:]*):(\/.*)$/.exec(line) ?? [];
  if (path === undefined) return [];
  if (hierarchy === '0' && controllers === '') return [{ version: 2, path }];
  return controllers.split(',').includes('memory') ? [{ version: 1, path }] : [];
}

function listAncestors(path: string): readonly string[] {
  const above = dirname(path);
  return above === path ? [path] : [path, ...listAncestors(above)];
}

/** `max` is version 2's word for no limit; version 1 has a number near 2^63, which the machine's own memory undercuts. */
function readLimit(file: string): number {
  const text = readText(file).trim();
  return /^\d+$/.test(text) ? Number(text) : Infinity;
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
