const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** A count for people: `2,900`. */
export function formatCount(count: number): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** A count of something for people: `1 object`, `2,900 objects`. */
export function formatCountOf(count: number, thing: string): string {
  return `${formatCount(count)} ${thing}${count === 1 ? '' : 's'}`;
}

/** Bytes for people, in powers of 1,000 and two or three digits: `512 B`, `4.1 MB`, `44 MB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < BYTE_UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit > 0 && value < 9.95 ? value.toFixed(1) : formatCount(Math.round(value));
  return `${digits} ${BYTE_UNITS[unit] ?? 'B'}`;
}

/** Seconds for people: `0.04 s`, `0.8 s`, `44 s`, `12 min`, `3.2 h`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 0.095) return `${seconds.toFixed(2)} s`;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  if (seconds < 99.5) return `${String(Math.round(seconds))} s`;
  if (seconds < 99.5 * 60) return `${String(Math.round(seconds / 60))} min`;
  return `${formatCount(Math.round(seconds / 360) / 10)} h`;
}
