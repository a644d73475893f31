import type { Parameter } from '../engines/engine.js';
import { UserError } from '../errors.js';
import type { QueryParameter } from './canned-query.js';
import { closestName } from '../closest-name.js';
import { timeZoneName } from './time-zone-name.js';

const MOST_INTEGER = 2n ** 63n - 1n;

/**
 * Turns the text that a user gave for a parameter into the value to bind: an integer into a bigint, a number into a
 * double, a time zone into its name; one text of a list stays as it is.
 * @throws UserError that names the flag, the text and what is understood
 */
export function parseParameterValue(parameter: QueryParameter, text: string): Parameter {
  switch (parameter.type) {
    case 'text':
    case 'list':
      return text;
    case 'integer':
      return integerValue(parameter, text);
    case 'number':
      return numberValue(parameter, text);
    case 'boolean':
      return booleanValue(parameter, text);
    case 'choice':
      return choiceValue(parameter, text);
    case 'timezone':
      return timezoneValue(parameter, text);
  }
}

function integerValue(parameter: QueryParameter, text: string): bigint {
  const value = /^[+-]?\d{1,19}$/.test(text.trim()) ? BigInt(text.trim().replace('+', '')) : undefined;
  if (value === undefined || value > MOST_INTEGER || value < -MOST_INTEGER || !inRange(parameter, Number(value))) {
    throw refusal(parameter, text, `a whole number${rangeOf(parameter)}`);
  }
  return value;
}

function numberValue(parameter: QueryParameter, text: string): number {
  const value = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text.trim()) ? Number(text) : NaN;
  if (!Number.isFinite(value) || !inRange(parameter, value)) {
    throw refusal(parameter, text, `a number${rangeOf(parameter)}`);
  }
  return value;
}

function booleanValue(parameter: QueryParameter, text: string): boolean {
  if (text === 'true' || text === 'yes') return true;
  if (text === 'false' || text === 'no') return false;
  throw refusal(parameter, text, 'yes or no');
}

function choiceValue(parameter: QueryParameter, text: string): string {
  if (parameter.choices.includes(text)) return text;
  throw refusal(parameter, text, `one of ${parameter.choices.join(', ')}`, closestName(text, parameter.choices));
}

function timezoneValue(parameter: QueryParameter, text: string): string {
  const zone = timeZoneName(text);
  if (zone !== undefined) return zone;
  const meant = closestName(text, ['UTC', ...Intl.supportedValuesOf('timeZone')]);
  throw refusal(parameter, text, 'a time zone: UTC, an IANA name (Europe/Berlin) or an offset (+02:00)', meant);
}

function inRange({ min = -Infinity, max = Infinity }: QueryParameter, value: number): boolean {
  return value >= min && value <= max;
}

function rangeOf({ min, max }: QueryParameter): string {
  if (min !== undefined && max !== undefined) return ` from ${min} to ${max}`;
  if (min !== undefined) return `, ${min} or more`;
  return max === undefined ? '' : `, ${max} or less`;
}

function refusal(parameter: QueryParameter, text: string, wanted: string, meant?: string): UserError {
  const wayOut = meant === undefined ? [] : [`Did you mean ${meant}?`];
  return new UserError(`--${parameter.name} ${JSON.stringify(text)} is not ${wanted}`, { wayOut });
}
