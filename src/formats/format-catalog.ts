import { API_CALL } from './api-call.js';
import { API_CALL_EVENT } from './api-call-event.js';
import { APIGATEWAY } from './apigateway.js';
import { APP_EVENT, MEDIA_EVENT } from './app-event.js';
import { CLOUDTRAIL } from './cloudtrail.js';
import { DECOYS } from './decoys.js';
import type { KeySignature, LogFormat } from './log-format.js';
import { S3_ACCESS } from './s3-access.js';
import { WEB_LOG } from './web-log.js';

/** The built-in formats, in the order in which they are tried. */
export const LOG_FORMATS: readonly LogFormat[] = [
  CLOUDTRAIL,
  API_CALL,
  API_CALL_EVENT,
  S3_ACCESS,
  APIGATEWAY,
  WEB_LOG,
  APP_EVENT,
  MEDIA_EVENT,
];

export type Detection =
  | { readonly kind: 'format'; readonly format: LogFormat }
  | { readonly kind: 'decoy'; readonly reason: string }
  | { readonly kind: 'unknown' };

/** Tells what a record with these top-level keys is. The user's own formats come first, then the built-in ones, then decoys. */
export function detectFormat(keys: readonly string[], userFormats: readonly LogFormat[] = []): Detection {
  for (const format of [...userFormats, ...LOG_FORMATS]) {
    const present = new Set(keys.map((key) => canonicalName(key, format)));
    if (format.signatures.some((signature) => fits(present, signature))) return { kind: 'format', format };
  }
  const present = new Set(keys);
  const decoy = DECOYS.find(({ signatures }) => signatures.some((signature) => fits(present, signature)));
  return decoy === undefined ? { kind: 'unknown' } : { kind: 'decoy', reason: decoy.reason };
}

/** The format of a name. The user's own formats come first. */
export function findFormat(name: string, userFormats: readonly LogFormat[]): LogFormat | undefined {
  return [...userFormats, ...LOG_FORMATS].find((format) => format.name === name);
}

/** Keys come from logs: `__proto__` must not reach a prototype. */
function canonicalName(key: string, { aliases }: LogFormat): string {
  return aliases !== undefined && Object.hasOwn(aliases, key) ? (aliases[key] ?? key) : key;
}

function fits(present: ReadonlySet<string>, { all, any, none, only }: KeySignature): boolean {
  const has = (key: string) => present.has(key);
  if (!all.every(has) || none?.some(has) === true) return false;
  if (any !== undefined && !any.some(has)) return false;
  return only === undefined || [...present].every((key) => only.includes(key));
}
