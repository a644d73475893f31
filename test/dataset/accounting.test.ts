import { describe, expect, it } from 'vitest';

import { type Accounting, checkConservation } from '../../src/dataset/accounting.js';

const SOUND: Accounting = {
  objects: { listed: 57, read: 55, skipped: 2, failed: 0 },
  records: { read: 10, kept: 6, duplicate: 1, filtered: 1, quarantined: 2 },
  bytes: { read: 100, decompressed: 900 },
  reasons: [{ reason: 'not JSON', count: 2, example: 'a.json' }],
};

describe('checkConservation', () => {
  it('finds nothing where all adds up', () => {
    expect(checkConservation(SOUND)).toBeUndefined();
  });

  it.each<[string, Accounting, string]>([
    [
      'an object that vanished',
      { ...SOUND, objects: { ...SOUND.objects, listed: 58 } },
      'objects: 58 listed, but 55 read + 2 skipped + 0 failed = 57',
    ],
    [
      'a record that vanished',
      { ...SOUND, records: { ...SOUND.records, kept: 5 } },
      'records: 10 read, but 5 kept + 1 duplicate + 1 filtered + 2 quarantined = 9',
    ],
    [
      'a negative count',
      { ...SOUND, records: { read: 10, kept: 11, duplicate: -1, filtered: 0, quarantined: 0 } },
      'records.duplicate is -1, which is no count',
    ],
    [
      'bytes that are not a number',
      { ...SOUND, bytes: { read: Number.NaN, decompressed: 0 } },
      'bytes.read is NaN, which is no count',
    ],
    [
      'a reason with a broken count',
      { ...SOUND, reasons: [{ reason: 'cut', count: 1.5, example: '' }] },
      'the reason "cut" is 1.5, which is no count',
    ],
  ])('says what is wrong with %s', (_name, accounting, message) => {
    expect(checkConservation(accounting)).toBe(message);
  });

  it('says both where both are wrong', () => {
    const wrong = {
      ...SOUND,
      objects: { ...SOUND.objects, listed: 0 },
      records: { ...SOUND.records, read: 0 },
    };
    expect(checkConservation(wrong)).toMatch(/^objects: .*; records: .*$/);
  });
});
