import type { Value } from '../engines/engine.js';
import { percentOf } from './condition.js';

/** A change for people: `+12 (+8 %)`, `−3 (−1.5 %)`, `=`, `new`; empty where nothing is known. */
export function describeChange(value: Value, before: Value): string {
  if (value === null || value === '') return '';
  if (before === null) return 'new';
  const difference = subtract(value, before);
  if (Number(difference) === 0) return '=';
  const percent = percentOf(Number(value), Number(before));
  const share = Number.isFinite(percent) ? ` (${signed(percentText(Math.abs(percent)), percent)} %)` : '';
  return `${signed(groupDigits(absolute(difference)), Number(difference))}${share}`;
}

function subtract(value: Value, before: Value): bigint | number {
  if (typeof value === 'bigint' && typeof before === 'bigint') return value - before;
  return Number(value) - Number(before);
}

function absolute(difference: bigint | number): string {
  if (typeof difference === 'bigint') return String(difference < 0n ? -difference : difference);
  return String(Math.abs(Math.round(difference * 100) / 100));
}

function signed(text: string, of: number): string {
  return `${of < 0 ? '−' : '+'}${text}`;
}

/** One digit behind the point where it says something. */
function percentText(percent: number): string {
  return percent < 10 ? String(Math.round(percent * 10) / 10) : groupDigits(String(Math.round(percent)));
}

/** Thousands with commas. */
export function groupDigits(digits: string): string {
  const [whole = '', ...rest] = digits.split('.');
  return [whole.replace(/\B(?=(\d{3})+$)/g, ','), ...rest].join('.');
}
