import { readFileSync, readlinkSync } from 'node:fs';

/** Tells a process from a later one with the same pid, and from one with the same pid in another container. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks since boot, field 22 of `/proc/<pid>/stat` (proc(5)); null where there is no `/proc`. */
  readonly startTime: string | null;
  /** The boot and the pid namespace in which the pid means something; null where there is no `/proc`. */
  readonly pidSpace: string | null;
}

/** The identity of this process. */
export function ownIdentity(): ProcessIdentity {
  return { pid: process.pid, startTime: readStartTime(process.pid), pidSpace: readPidSpace() };
}

/**
 * Whether a process still runs. `unknown`: the pid belongs to another container or an earlier boot, or a process with this
 * pid runs and nothing tells whether it is the same one (macOS).
 */
export function findProcessState(owner: ProcessIdentity): 'running' | 'gone' | 'unknown' {
  if (owner.pidSpace !== readPidSpace()) return 'unknown';
  if (!isPidInUse(owner.pid)) return 'gone';
  const startTime = readStartTime(owner.pid);
  if (startTime === null || owner.startTime === null) return 'unknown';
  return startTime === owner.startTime ? 'running' : 'gone';
}

function isPidInUse(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** The second field is the program's name in parentheses and may itself hold blanks and parentheses. */
function readStartTime(pid: number): string | null {
  const stat = readOrNull(() => readFileSync(`/proc/${String(pid)}/stat`, 'latin1'));
  const fromThirdField = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fromThirdField?.[19] ?? null;
}

function readPidSpace(): string | null {
  const boot = readOrNull(() => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim());
  const namespace = readOrNull(() => readlinkSync('/proc/self/ns/pid'));
  return boot === null || namespace === null ? null : `${boot} ${namespace}`;
}

function readOrNull(read: () => string): string | null {
  try {
    return read();
  } catch {
    return null;
  }
}
