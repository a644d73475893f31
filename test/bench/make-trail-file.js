import { mix } from './make-chance.js';
import { describeEvent, writeEvent } from './make-trail-events.js';
import { ACCOUNT } from './trail-event-kinds.js';

const START = Date.parse('2026-06-01T00:05:00Z');
const DELIVERY_MS = 5 * 60_000;
const REGIONS = ['us-east-1', 'us-east-1', 'eu-west-1', 'us-west-2', 'ap-southeast-2'];
const MAX_RECORDS = 600;
/** The higher, the more files hold one or two records: at 8, a file has 14 records in the mean. */
const SKEW = 8;
/** So often a file holds records again that came in one of the same region before. */
const AGAIN_EVERY = 20;
const AGAIN_AFTER = 35;
const MOST_AGAIN = 5;
const SUFFIX_CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/**
 * A file of a trail as CloudTrail delivers it, an object of `Records` below account, region and day:
 * {key, text, calls: what is new in it, delivered}. Some files hold records again that an earlier one held.
 */
export function makeTrailFile(plan, file) {
  const records = recordsOf(file);
  const again =
    file % AGAIN_EVERY === 0 && file >= AGAIN_AFTER ? recordsOf(file - AGAIN_AFTER).slice(0, MOST_AGAIN) : [];
  const texts = [...records, ...again].map(({ text }) => text);
  return {
    key: keyOf(file),
    text: `{"Records":[${texts.join(',')}]}`,
    calls: records.map(({ call }) => call),
    delivered: texts.length,
  };
}

function recordsOf(file) {
  return Array.from({ length: countRecords(file) }, (_, index) => {
    const number = file * MAX_RECORDS + index;
    const call = describeEvent(number);
    return { call, text: writeEvent(call, { number, time: eventTime(file, number), region: regionOf(file) }) };
  });
}

/** From 1 to MAX_RECORDS, most of them few. */
function countRecords(file) {
  const fraction = mix(file * 7 + 3) / 2 ** 32;
  return Math.max(1, Math.round(MAX_RECORDS ** (fraction ** SKEW)));
}

/** From four to fourteen minutes before it is delivered. */
function eventTime(file, number) {
  return delivered(file) - 4 * 60_000 - (mix(number + 11) % 600) * 1000;
}

/** One delivery for each region of the list, and again five minutes later. */
function delivered(file) {
  return START + Math.floor(file / REGIONS.length) * DELIVERY_MS;
}

function regionOf(file) {
  return REGIONS[file % REGIONS.length];
}

function keyOf(file) {
  const [date, clock] = new Date(delivered(file)).toISOString().split('T');
  const region = regionOf(file);
  const stamp = `${date.replaceAll('-', '')}T${clock.slice(0, 5).replace(':', '')}Z`;
  const folder = `AWSLogs/${ACCOUNT}/CloudTrail/${region}/${date.replaceAll('-', '/')}`;
  return `${folder}/${ACCOUNT}_CloudTrail_${region}_${stamp}_${suffixOf(file)}.json.gz`;
}

function suffixOf(file) {
  const character = (position) => SUFFIX_CHARACTERS[mix(file * 16 + position + 5) % SUFFIX_CHARACTERS.length];
  return Array.from({ length: 16 }, (_, position) => character(position)).join('');
}
