import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { type Progress, showsProgress, startProgress } from '../../src/cli/progress.js';

const CLEAR = '\r\x1b[2K';
const STATE = { objectsDone: 1234, objectsTotal: 4936, bytesDone: 10_000_000, bytesTotal: 40_000_000 };

let written: string[];

beforeEach(() => {
  written = [];
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

function startOn(columns: number, options: { label?: string; isTerminal?: boolean; quiet?: boolean } = {}): Progress {
  const stream = { columns, write: (text: string) => written.push(text) };
  return startProgress({ stream, now: Date.now, isTerminal: true, label: 'reading', ...options });
}

describe('startProgress', () => {
  it('shows objects, bytes, rate and what is left', () => {
    const progress = startOn(200);
    vi.advanceTimersByTime(2000);
    progress.update(STATE);
    progress.stop();
    expect(written).toEqual([
      `${CLEAR}reading · 1,234 of 4,936 objects · 10 MB of 40 MB · 5.0 MB/s · 6.0 s left`,
      CLEAR,
    ]);
  });

  it('leaves out totals and time while they are not known', () => {
    const progress = startOn(200);
    vi.advanceTimersByTime(1000);
    progress.update({ objectsDone: 0, bytesDone: 0 });
    expect(written).toEqual([`${CLEAR}reading · 0 objects · 0 B · 0 B/s`]);
    progress.stop();
  });

  it('says nothing about work that is done within half a second', () => {
    const progress = startOn(200);
    for (let elapsed = 0; elapsed < 490; elapsed += 10) {
      progress.update(STATE);
      vi.advanceTimersByTime(10);
    }
    progress.stop();
    expect(written).toEqual([]);
  });

  it('says what is done and for how long where there is nothing to count, each step by itself', () => {
    const progress = startOn(200);
    progress.begin('listing');
    vi.advanceTimersByTime(1100);
    expect(written.at(-1)).toBe(`${CLEAR}listing · 1.1 s`);
    progress.begin('reading');
    progress.update(STATE);
    vi.advanceTimersByTime(2000);
    expect(written.at(-1)).toMatch(
      /reading · 1,234 of 4,936 objects · 10 MB of 40 MB · 5\.\d MB\/s · [56]\.\d s left$/,
    );
    progress.begin('asking');
    vi.advanceTimersByTime(300);
    expect(written.at(-1)).toBe(`${CLEAR}asking · 0.3 s`);
    progress.stop();
    expect(written.at(-1)).toBe(CLEAR);
  });

  it('shows while listing what was found and asked so far, as it is when the line is drawn', () => {
    const progress = startOn(200);
    let found = 0;
    progress.begin('listing');
    progress.update({
      get objectsFound() {
        return found;
      },
      requests: 13,
    });
    found = 12_345;
    vi.advanceTimersByTime(1100);
    expect(written.at(-1)).toBe(`${CLEAR}listing · 12,345 objects · 13 requests · 1.1 s`);
    progress.update({ objectsFound: 1 });
    vi.advanceTimersByTime(100);
    expect(written.at(-1)).toBe(`${CLEAR}listing · 1 object · 1.2 s`);
    progress.stop();
  });

  it('appears by itself when one object takes long', () => {
    const progress = startOn(200);
    progress.update(STATE);
    vi.advanceTimersByTime(650);
    expect(written.length).toBeGreaterThan(0);
    progress.stop();
  });

  it('redraws at most ten times a second', () => {
    const progress = startOn(200);
    for (let elapsed = 0; elapsed < 3000; elapsed += 1) {
      vi.advanceTimersByTime(1);
      progress.update(STATE);
    }
    expect(written.length).toBeLessThanOrEqual(26);
    expect(written.length).toBeGreaterThanOrEqual(20);
    progress.stop();
  });

  it.each([
    [80, 'reading · 1,234 of 4,936 objects · 10 MB of 40 MB · 10 MB/s · 3.0 s left'],
    [60, 'reading · 1,234 of 4,936 objects · 10 MB of 40 MB · 10 MB/s'],
    [59, 'reading · 1,234 of 4,936 objects · 10 MB of 40 MB'],
    [40, 'reading · 1,234 of 4,936 objects'],
    [10, 'reading'],
    [5, 'rea…'],
  ])('fits a terminal of %d columns', (columns, line) => {
    const progress = startOn(columns);
    vi.advanceTimersByTime(1000);
    progress.update(STATE);
    expect(written).toEqual([CLEAR + line]);
    progress.stop();
  });

  it('clears the line before a warning, and comes back after it', () => {
    const progress = startOn(200);
    progress.update(STATE);
    vi.advanceTimersByTime(1000);
    written.length = 0;
    progress.warn('key a\x1b]0;owned\x07\nb');
    expect(written).toEqual([CLEAR, 'key a\\x1b]0;owned\\x07\\nb\n']);
    vi.advanceTimersByTime(100);
    expect(written.at(-1)).toContain('reading');
    progress.stop();
    expect(written.at(-1)).toBe(CLEAR);
  });

  it('shows a hostile label inert', () => {
    const progress = startOn(200, { label: 'a\x1b[2J\u202e' });
    vi.advanceTimersByTime(1000);
    progress.update(STATE);
    expect(written.join('').replaceAll(CLEAR, '')).not.toMatch(/[\x1b\u202e]/);
    progress.stop();
  });

  it('is silent after it was stopped', () => {
    const progress = startOn(200);
    vi.advanceTimersByTime(1000);
    progress.update(STATE);
    progress.stop();
    written.length = 0;
    progress.update(STATE);
    vi.advanceTimersByTime(1000);
    progress.stop();
    expect(written).toEqual([]);
  });

  it('writes only warnings where there is no terminal, and with --quiet nothing', () => {
    const piped = startOn(200, { isTerminal: false });
    piped.update(STATE);
    vi.advanceTimersByTime(5000);
    piped.warn('careful');
    piped.stop();
    expect(written).toEqual(['careful\n']);

    written.length = 0;
    const quiet = startOn(200, { quiet: true });
    quiet.update(STATE);
    vi.advanceTimersByTime(5000);
    quiet.warn('careful');
    quiet.stop();
    expect(written).toEqual([]);
  });
});

describe('showsProgress', () => {
  it.each<[boolean, NodeJS.ProcessEnv, boolean, boolean]>([
    // terminal, environment, --quiet, shown
    [true, {}, false, true],
    [true, { CI: 'false' }, false, true],
    [true, { CI: '' }, false, true],
    [false, {}, false, false],
    [true, { CI: 'true' }, false, false],
    [true, { CI: '1' }, false, false],
    [true, { TERM: 'dumb' }, false, false],
    [true, {}, true, false],
  ])('terminal %s, %o, --quiet %s: %s', (isTTY, env, quiet, shown) => {
    expect(showsProgress({ stream: { isTTY }, env, quiet })).toBe(shown);
  });
});
