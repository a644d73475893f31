import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

import { findProcessState, ownIdentity } from '../../src/cli/process-identity.js';

const hasProc = existsSync('/proc/self/stat');

describe('findProcessState', () => {
  it.skipIf(!hasProc)('knows this process', () => {
    expect(findProcessState(ownIdentity())).toBe('running');
  });

  it('knows a process that has ended', async () => {
    const child = spawn(process.execPath, ['-e', '0']);
    await once(child, 'exit');
    expect(findProcessState({ ...ownIdentity(), pid: child.pid ?? 0 })).toBe('gone');
  });

  it.skipIf(!hasProc)('is not taken in by a pid that was given out again', () => {
    expect(findProcessState({ ...ownIdentity(), startTime: '1' })).toBe('gone');
  });

  it('does not judge where nothing tells two processes apart', () => {
    expect(findProcessState({ ...ownIdentity(), startTime: null })).toBe('unknown');
  });

  it('does not judge pids of another container or an earlier boot', () => {
    expect(findProcessState({ ...ownIdentity(), pid: 999_999_999, pidSpace: 'elsewhere' })).toBe('unknown');
  });
});
