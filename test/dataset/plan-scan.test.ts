import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { planScan } from '../../src/dataset/plan-scan.js';
import type { TimeWindow } from '../../src/layouts/time-window.js';
import { openFileStore } from '../../src/storage/file-store.js';
import { globStore } from '../../src/storage/glob-store.js';
import { countingStore } from '../storage/counting-store.js';
import { tempFolder } from '../storage/temp-folder.js';
import { openSource } from './open-source.js';
import { recordedCall } from './recorded-calls.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** One day of a year; keys may be written up to six hours after their events. */
const WINDOW: Required<TimeWindow> = {
  since: Date.parse('2026-05-10T00:00:00Z'),
  until: Date.parse('2026-05-11T00:00:00Z'),
};
const LATENESS = 6 * HOUR;
/** Every sixth hour of a year: enough to have many folders of each kind. */
const HOURS = Array.from({ length: 365 * 4 }, (_, i) => Date.parse('2026-01-01T00:00:00Z') + i * 6 * HOUR);

/** `2026`, `05`, `10`, `06`, … */
function parts(time: number): Record<'Y' | 'M' | 'D' | 'h' | 'm', string> {
  const [Y = '', M = '', D = '', h = '', m = ''] = new Date(time).toISOString().split(/[-T:.]/);
  return { Y, M, D, h, m };
}

interface Layout {
  /** The key of what was written in the hour that begins at `time`. */
  readonly key: (time: number) => string;
  /** How long the time is that a key names. */
  readonly span: number;
}

const LAYOUTS: Readonly<Record<string, Layout>> = {
  hive: {
    key: (time) => {
      const { Y, M, D, h } = parts(time);
      return `calls/year=${Y}/month=${M}/day=${D}/hour=${h}/part.json`;
    },
    span: HOUR,
  },
  'hive with dates': {
    key: (time) => {
      const { Y, M, D, h } = parts(time);
      return `dt=${Y}-${M}-${D}/h=${h}/part.json`;
    },
    span: HOUR,
  },
  'hive without padding': {
    key: (time) => {
      const { Y, M, D, h } = parts(time);
      return `year=${Y}/month=${Number(M)}/day=${Number(D)}/hour=${Number(h)}/part.json`;
    },
    span: HOUR,
  },
  firehose: {
    key: (time) => {
      const { Y, M, D, h } = parts(time);
      return `${Y}/${M}/${D}/${h}/stream-1-${Y}-${M}-${D}-${h}-00-00-0a1b2c3d-0000-4000-8000-000000000000`;
    },
    span: 1000,
  },
  cloudtrail: {
    key: (time) => {
      const { Y, M, D, h } = parts(time);
      return `AWSLogs/000000000001/CloudTrail/eu-west-1/${Y}/${M}/${D}/000000000001_CloudTrail_eu-west-1_${Y}${M}${D}T${h}00Z_aBcDeFgHiJkLmNoP.json`;
    },
    span: 60_000,
  },
};

/** What may hold events of the window: written from an hour before it to `LATENESS` after it. */
function mayHold(from: number, span: number): boolean {
  return from + span > WINDOW.since - HOUR && from < WINDOW.until + LATENESS;
}

describe('a day out of a year', () => {
  test.each(Object.keys(LAYOUTS))('%s', async (name) => {
    const { key, span } = LAYOUTS[name]!;
    const folder = tempFolder();
    for (const time of HOURS) {
      const file = join(folder, key(time));
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, '{}');
    }
    const { store, counts } = countingStore(await openFileStore(folder));
    const found: number[] = [];
    const onFound = (objects: number): void => void found.push(objects);
    const plan = await planScan({ stores: [store], window: WINDOW, latenessMs: LATENESS, onFound });
    const wanted = HOURS.filter((time) => mayHold(time, span)).map(key);
    expect(found).toEqual(counts.listedKeys.map((_, index) => index + 1));
    expect(plan.objects.map(({ object }) => object.key).sort()).toEqual([...wanted].sort());
    expect(wanted).toHaveLength(5);
    // Folders of other days are named by the folder above them, and never looked into.
    const days = [-1, 0, 1].map((day) => WINDOW.since + day * DAY).filter((day) => mayHold(day, DAY));
    const folders = new Set(days.map((day) => dayFolder(key(day))));
    expect(counts.listedKeys.filter((listed) => !folders.has(dayFolder(listed)))).toEqual([]);
    expect(plan.outside).toBe(counts.listedKeys.length - wanted.length);
    expect(plan.layouts).toEqual(new Map([[name.replace(/ .*/, ''), wanted.length]]));
    expect(counts.askedPrefixes.length).toBeLessThan(400);
  });

  test.each([
    [1, ['.hidden', 'a.json']],
    [3, ['.hidden', 'a.json', 'b.json', 'c/d.json']],
    [4, ['.hidden', 'a.json', 'b.json', 'c/d.json', '.hidden', 'a.json']],
  ])('%d objects are enough: no more is listed of any store', async (enough, listed) => {
    const files = { '.hidden': '', 'a.json': '{}', 'b.json': '{}', 'c/d.json': '{}' };
    const folders = [tempFolder(files), tempFolder(files)];
    const counting = await Promise.all(folders.map(async (folder) => countingStore(await openFileStore(folder))));
    const stores = counting.map(({ store }) => store);
    const plan = await planScan({ stores, window: {}, latenessMs: 0, enough });
    expect(plan.objects).toHaveLength(enough);
    expect(counting.flatMap(({ counts }) => counts.listedKeys)).toEqual(listed);
  });

  test('only what is planned is read, and only calls of the day are kept', async () => {
    const { key } = LAYOUTS['hive']!;
    const folder = tempFolder();
    const near = HOURS.filter((time) => Math.abs(time - WINDOW.since) < 4 * DAY);
    // Each object has a call of its own hour, and one that is five hours older.
    const times = new Map(near.map((time) => [time, [time + 60_000, time - 5 * HOUR]]));
    for (const [time, events] of times) {
      mkdirSync(dirname(join(folder, key(time))), { recursive: true });
      const calls = events.map((event) =>
        recordedCall(0, { timestamp: new Date(event).toISOString(), operation: `At${event}` }),
      );
      writeFileSync(join(folder, key(time)), calls.map((call) => JSON.stringify(call)).join('\n'));
    }
    const { store, counts } = countingStore(await openFileStore(folder));
    const asked = ['SELECT operation FROM api_calls'];
    const opened = await openSource([store], { asked, filters: { window: WINDOW }, latenessMs: LATENESS });
    expect(new Set(counts.readKeys)).toEqual(new Set(near.filter((time) => mayHold(time, HOUR)).map(key)));
    const inWindow = [...times.values()].flat().filter((time) => time >= WINDOW.since && time < WINDOW.until);
    const kept = (await opened.rows(asked[0]!)).map((row) => row['operation']).sort();
    expect(kept).toEqual(inWindow.map((time) => `At${time}`).sort());
    const { read, filtered } = opened.accounting.records;
    expect(read).toBe(counts.readKeys.length * 2);
    expect(filtered).toBe(read - kept.length);
  });
});

describe('what is planned', () => {
  test('edges of the margins', async () => {
    const at = (time: number): string => LAYOUTS['hive']!.key(time);
    const times = [-2, -1, 0, 23, 24, 29, 30].map((hours) => WINDOW.since + hours * HOUR);
    const folder = tempFolder(Object.fromEntries(times.map((time) => [at(time), '{}'])));
    const plan = await planScan({ stores: [await openFileStore(folder)], window: WINDOW, latenessMs: LATENESS });
    expect(plan.objects.map(({ object }) => object.key)).toEqual(times.slice(1, -1).map(at));
  });

  test('an object that is reached twice is planned once', async () => {
    const folder = tempFolder({ 'a/b.json': '{}', 'a/c.json': '{}' });
    const whole = await openFileStore(folder);
    const stores = [
      whole,
      await openFileStore(join(folder, 'a')),
      await openFileStore(join(folder, 'a/b.json')),
      globStore(whole, '**/c.json', 'glob'),
    ];
    const plan = await planScan({ stores, window: {}, latenessMs: 0 });
    expect(plan.objects.map(({ object }) => object.key)).toEqual(['a/b.json', 'a/c.json']);
    expect(plan.bytes).toBe(4);
  });

  test('what is plainly no log is skipped, unless it was named itself', async () => {
    const folder = tempFolder({ 'README.md': '{}', 'CloudTrail-Digest/x.json': '{}', '.DS_Store': '', 'a.json': '{}' });
    symlinkSync(join(folder, 'a.json'), join(folder, 'link.json'));
    const plan = await planScan({ stores: [await openFileStore(folder)], window: {}, latenessMs: 0 });
    expect(plan.objects.map(({ object }) => object.key)).toEqual(['a.json']);
    expect(plan.skipped.map(({ key }) => key).sort()).toEqual([
      '.DS_Store',
      'CloudTrail-Digest/x.json',
      'README.md',
      'link.json',
    ]);
    const named = await planScan({
      stores: [await openFileStore(join(folder, 'README.md'))],
      window: {},
      latenessMs: 0,
    });
    expect(named.objects.map(({ object }) => object.key)).toEqual(['README.md']);
  });

  test('tells the times of the keys that are read and of all', async () => {
    const { key } = LAYOUTS['hive']!;
    const [first, second] = [WINDOW.since + 3 * HOUR, WINDOW.since + 12 * HOUR];
    // The other hour is of a day that is looked into.
    const late = WINDOW.until + 9 * HOUR;
    const folder = tempFolder(Object.fromEntries([first, second, late].map((time) => [key(time), '{}'])));
    const plan = await planScan({ stores: [await openFileStore(folder)], window: WINDOW, latenessMs: LATENESS });
    expect(plan.keyTime).toEqual({ from: first, to: second + HOUR });
    const all = await planScan({ stores: [await openFileStore(folder)], window: {}, latenessMs: LATENESS });
    expect(all.keyTime).toEqual({ from: first, to: late + HOUR });
  });
});

/** A key up to the folder of its day. */
function dayFolder(key: string): string {
  return /^.*?(?:day=\d+|dt=[\d-]+|\d{4}\/\d\d\/\d\d)\//.exec(key)?.[0] ?? key;
}
