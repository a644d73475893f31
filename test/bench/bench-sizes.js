// What the rows read, by size of the bench.

const CALLS = { kind: 'calls', gzip: 6, withIds: false, twice: false };
/** So often is a tenth of the calls delivered twice, and duplicates have to be found. */
const TWICE = { kind: 'calls', callsPerFile: 1000, filesPerHour: 4, gzip: 1, withIds: true, twice: true };
const LARGE = { kind: 'calls', callsPerFile: 1000, filesPerHour: 4, gzip: 1, withIds: true, twice: false };
const TRAIL = { kind: 'trail', gzip: 6 };
/** A file an hour, so that a day is 24 of them. */
const HOURLY = { ...CALLS, callsPerFile: 20, filesPerHour: 1 };
const FEW = { ...CALLS, name: 'few-10x20', files: 10, callsPerFile: 20, filesPerHour: 8 };

/** Two whole months, June and July. */
const MONTHS = { ...CALLS, files: 61 * 24 * 2, filesPerHour: 2 };

export const FULL = {
  plain: { ...CALLS, name: 'plain-2400x500', files: 2400, callsPerFile: 500, filesPerHour: 1, gzip: 0 },
  small: { ...CALLS, name: 'small-20000x20', files: 20_000, callsPerFile: 20, filesPerHour: 8 },
  trail: { ...TRAIL, name: 'trail-4000', files: 4000 },
  year: { ...HOURLY, name: 'year-8760x20', files: 8760 },
  few: FEW,
  months: { ...MONTHS, name: 'months-2928x820', callsPerFile: 820 },
  memory: [
    { ...TWICE, name: 'twice-1000x1000', files: 1000 },
    { ...TWICE, name: 'twice-10000x1000', files: 10_000 },
  ],
  largeMemory: { ...TWICE, name: 'twice-20000x1000', files: 20_000 },
  large: { ...LARGE, name: 'large-20000x1000', files: 20_000 },
};

export const QUICK = {
  plain: { ...FULL.plain, name: 'plain-100x500', files: 100 },
  small: { ...FULL.small, name: 'small-600x20', files: 600 },
  trail: { ...FULL.trail, name: 'trail-150', files: 150 },
  year: { ...FULL.year, name: 'year-240x20', files: 240 },
  few: FEW,
  months: { ...MONTHS, name: 'months-2928x20', callsPerFile: 20 },
  memory: [
    { ...TWICE, name: 'twice-40x1000', files: 40 },
    { ...TWICE, name: 'twice-80x1000', files: 80 },
  ],
  largeMemory: { ...TWICE, name: 'twice-100x1000', files: 100 },
  large: { ...LARGE, name: 'large-60x1000', files: 60 },
};
