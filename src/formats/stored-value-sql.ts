import type { StoredField } from './stored-fields.js';

/**
 * SQL for the text that the value of a typed column stands for, in the spelling that the field's writers use. NULL for numbers that
 * engines print in several ways.
 */
export function spelledSql({ type, spelling }: Pick<StoredField, 'type' | 'spelling'>, column: string): string {
  if (type === 'double') return doubleText(column);
  if (type !== 'timestamp') return `CAST(${column} AS VARCHAR)`;
  if (spelling === 'milliseconds')
    return `CASE WHEN epoch_us(${column}) % 1000 = 0 THEN CAST(epoch_us(${column}) // 1000 AS VARCHAR) END`;
  if (spelling === 'web-server')
    return `CASE WHEN ${hasNoFraction(column)} THEN strftime(${column}, '%d/%b/%Y:%H:%M:%S +0000') END`;
  return isoText(column, spelling === 'local' ? '' : 'Z');
}

/** As JSON's writers do: no `.0`, and nothing that needs an exponent. */
function doubleText(column: string): string {
  const text = `CAST(${column} AS VARCHAR)`;
  return `CASE WHEN contains(${text}, 'e') THEN NULL WHEN ends_with(${text}, '.0') THEN ${text}[:-3] ELSE ${text} END`;
}

/** The fraction of a second has three digits, or six where three do not do. */
function isoText(column: string, zone: string): string {
  const text = (fraction: string): string => `strftime(${column}, '%Y-%m-%dT%H:%M:%S${fraction}${zone}')`;
  const hasMilliseconds = `epoch_us(${column}) % 1000 = 0`;
  return `CASE WHEN ${hasNoFraction(column)} THEN ${text('')} WHEN ${hasMilliseconds} THEN ${text('.%g')} ELSE ${text('.%f')} END`;
}

function hasNoFraction(column: string): string {
  return `epoch_us(${column}) % 1000000 = 0`;
}

/**
 * SQL for a text that means the same to every reader of staged fields as the typed column does. It may be spelt in any way.
 * A time before the year 1 can only be told in microseconds.
 */
export function meaningSql({ type }: Pick<StoredField, 'type'>, column: string): string {
  const text = `CAST(${column} AS VARCHAR)`;
  if (type !== 'timestamp') return text;
  const inYears = `${column} >= TIMESTAMP '0001-01-01' AND ${column} < TIMESTAMP '10000-01-01'`;
  return `CASE WHEN ${inYears} THEN replace(${text}, ' ', 'T') ELSE CAST(epoch_us(${column}) AS VARCHAR) END`;
}
