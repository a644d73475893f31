import { describeChange, groupDigits } from './describe-change.js';
import type { Figure } from './report.js';

const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** A figure's value for people: `1,204`, `3.2 GB` where its name ends in `bytes`, `–` where it is not known. */
export function figureText({ name, value }: Pick<Figure, 'name' | 'value'>): string {
  if (value === null) return '–';
  if (!/(?:^|_)bytes$/.test(name)) return groupDigits(typeof value === 'bigint' ? String(value) : roundText(value));
  const bytes = Number(value);
  const unit = bytes < 1000 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3));
  return `${unit === 0 ? groupDigits(String(value)) : (bytes / 1000 ** unit).toFixed(1)} ${UNITS[unit]}`;
}

function roundText(value: number): string {
  return String(Math.round(value * 100) / 100);
}

/** Its change against the period before; empty where that is not known. */
export function figureChange({ value, before }: Figure): string {
  return before === null || value === null ? '' : describeChange(value, before);
}
