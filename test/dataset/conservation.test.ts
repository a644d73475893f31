import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { openSource } from './open-source.js';
import { seededChance, type Chance } from '../records/seeded-chance.js';
import { tempFolder } from '../storage/temp-folder.js';
import { recordedCall } from './recorded-calls.js';

/** What an object adds to the counts. */
interface Expected {
  readonly object: 'read' | 'skipped' | 'failed';
  /** Ids of records that are calls; undefined for one without. */
  readonly ids: readonly (string | undefined)[];
  readonly passedOver: number;
  readonly quarantined: number;
}

interface MadeObject extends Expected {
  readonly key: string;
  readonly bytes: Buffer;
}

const NOTHING = { ids: [], passedOver: 0, quarantined: 0 };

describe.each([1, 2, 3, 4, 5, 6])('a folder of everything, seed %i', (seed) => {
  test('every object and every record is accounted for', async () => {
    const chance = seededChance(seed);
    const objects = Array.from({ length: 120 }, (_, i) => madeUpObject(chance, i));
    const folder = tempFolder();
    for (const { key, bytes } of objects) {
      mkdirSync(dirname(join(folder, key)), { recursive: true });
      writeFileSync(join(folder, key), bytes);
    }
    const where = "service <> 'sqs'";
    const dedupe = chance.hits(0.7);
    const { accounting, rows } = await openSource(folder, {
      asked: chance.pick([['SELECT operation FROM api_calls'], ['SELECT * FROM api_calls'], ['SELECT * FROM raw']]),
      filters: { where: [where] },
      request: { dedupe },
    });
    const count = (kind: Expected['object']): number => objects.filter(({ object }) => object === kind).length;
    expect(accounting.objects).toEqual({
      listed: objects.length,
      read: count('read'),
      skipped: count('skipped'),
      failed: count('failed'),
    });
    const good = objects.filter(({ object }) => object === 'read');
    const ids = good.flatMap((object) => object.ids);
    const named = ids.filter((id) => id !== undefined);
    const duplicate = dedupe ? named.length - new Set(named).size : 0;
    const sum = (of: (object: Expected) => number): number => good.reduce((total, object) => total + of(object), 0);
    // Ids tell the service: those of sqs end in 0.
    const left = dedupe ? [...new Set(named), ...ids.filter((id) => id === undefined)] : ids;
    const filtered = left.filter((id) => id?.endsWith('0') === true).length;
    expect(accounting.records).toEqual({
      read: ids.length + sum((object) => object.passedOver) + sum((object) => object.quarantined),
      kept: left.length - filtered,
      duplicate,
      filtered: filtered + sum((object) => object.passedOver),
      quarantined: sum((object) => object.quarantined),
    });
    expect(await rows('SELECT count(*) AS n FROM api_calls')).toEqual([{ n: BigInt(left.length - filtered) }]);
  });
});

/** How records lie in an object, and what of it counts. */
const BODIES: Readonly<Record<string, (chance: Chance) => Expected & { bytes: Buffer }>> = {
  lines: (chance) => readable(chance, (calls) => calls.join('\n')),
  'lines with an end': (chance) => readable(chance, (calls) => `${calls.join('\n')}\n`),
  'lines of Windows': (chance) => readable(chance, (calls) => `\ufeff${calls.join('\r\n')}\r\n`),
  'nothing between': (chance) => readable(chance, (calls) => calls.join('')),
  array: (chance) => readable(chance, (calls) => `[${calls.join(',\n')}]`),
  envelope: (chance) => readable(chance, (calls) => `{"Records":[${calls.join(',')}],"more":[1]}`),
  pretty: (chance) =>
    readable(chance, (calls) => calls.map((call) => JSON.stringify(JSON.parse(call), undefined, 2)).join('\n')),
  'large lines': (chance) => readable(chance, (calls) => calls.join('\n'), 150),
  empty: () => ({ object: 'read', ...NOTHING, bytes: Buffer.alloc(0) }),
  'bad lines between': (chance) => {
    const bad = [
      '{"service":',
      '{"a":1,}',
      'text',
      '{"service":"s3","operation":NaN,"session_id":"1"}',
      '[1]',
      '"x"',
      '12',
    ];
    let quarantined = 0;
    const made = readable(chance, (calls) =>
      calls
        .flatMap((call) => {
          if (!chance.hits(0.3)) return [call];
          quarantined++;
          return [chance.pick(bad), call];
        })
        .join('\n'),
    );
    return { ...made, quarantined };
  },
  'unknown records between': (chance) => {
    const made = readable(chance, (calls) => calls.join('\n'));
    return { ...made, bytes: Buffer.concat([made.bytes, Buffer.from('\n{"what":1}\n{"what":2}\n')]), quarantined: 2 };
  },
  'decoys between': (chance) => {
    const made = readable(chance, (calls) => calls.join('\n'));
    const decoy = '{"eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":{}}';
    return { ...made, bytes: Buffer.concat([made.bytes, Buffer.from(`\n${decoy}\n${decoy}`)]), passedOver: 2 };
  },
  'a decoy': () => ({
    object: 'skipped',
    ...NOTHING,
    bytes: Buffer.from('{"Records":[{"eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":{}}]}'),
  }),
  // Many of a kind would be a log that nobody knows.
  'a document': ({ below }) => ({
    object: 'skipped',
    ...NOTHING,
    bytes: Buffer.from(`{"some${below(1e9)}":"settings"}`),
  }),
  'a cut array': (chance) => failed(readable(chance, (calls) => `[${calls.join(',')}`)),
  'a cut envelope': (chance) => failed(readable(chance, (calls) => `{"Records":[${calls.join(',')},`)),
  'garbage behind': (chance) => failed(readable(chance, (calls) => `[${calls.join(',')}] garbage`)),
  zip: () => ({ object: 'failed', ...NOTHING, bytes: Buffer.from('PK\x03\x04 and so on') }),
  avro: () => ({ object: 'failed', ...NOTHING, bytes: Buffer.from('Obj\x01 and so on') }),
  'no Parquet': () => ({ object: 'failed', ...NOTHING, bytes: Buffer.from('PAR1 and so on PAR1') }),
  'zstd that is cut': () => ({ object: 'failed', ...NOTHING, bytes: Buffer.from('28b52ffd2000', 'hex') }),
};

function madeUpObject(chance: Chance, i: number): MadeObject {
  const body = BODIES[chance.pick(Object.keys(BODIES))]!(chance);
  const key = `${chance.pick(['', 'a/', 'year=2026/', 'b c/'])}${i}${chance.pick(['.json', '', '.gz', '.parquet'])}`;
  if (body.object !== 'read' || body.bytes.length === 0 || chance.hits(0.4)) return { ...body, key };
  const packed = gzipSync(body.bytes);
  switch (chance.below(5)) {
    case 0:
      return { key, object: 'failed', ...NOTHING, bytes: packed.subarray(0, -1 - chance.below(packed.length - 20)) };
    case 1:
      return { key, object: 'failed', ...NOTHING, bytes: Buffer.concat([packed, Buffer.from('garbage')]) };
    case 2:
      return { ...body, key, bytes: Buffer.concat([packed, gzipSync('')]) };
    case 3:
      return { ...body, key, bytes: gzipSync(packed) };
    default:
      return { ...body, key, bytes: packed };
  }
}

function readable(
  chance: Chance,
  pack: (calls: readonly string[]) => string,
  atLeast = 0,
): Expected & { bytes: Buffer } {
  const ids = Array.from({ length: 1 + atLeast + chance.below(20) }, () =>
    chance.hits(0.5) ? `id-${chance.below(400)}` : undefined,
  );
  const calls = ids.map((id) => {
    const service = id?.endsWith('0') === true ? 'sqs' : 's3';
    return JSON.stringify(recordedCall(1, { service, event_id: id, region: chance.pick(['a', 'b']) }));
  });
  return { object: 'read', ids, passedOver: 0, quarantined: 0, bytes: Buffer.from(pack(calls)) };
}

function failed(made: Expected & { bytes: Buffer }): Expected & { bytes: Buffer } {
  return { object: 'failed', ...NOTHING, bytes: made.bytes };
}

describe('a container that breaks near its end', () => {
  /** More than is staged before a load, so that rows of it are in the engine already when it breaks. */
  const manyCalls = (): string[] => {
    const { below } = seededChance(5);
    const noise = (): string => Array.from({ length: 40 }, () => below(2 ** 32).toString(36)).join('');
    const texts = Array.from({ length: 500 }, noise);
    return Array.from({ length: 60_000 }, (_, i) =>
      JSON.stringify(recordedCall(i, { user_agent: `${texts[i % 500]}${texts[(i * 7) % 499]}${i}` })),
    );
  };
  const OTHERS = { 'a.json': JSON.stringify(recordedCall(1)), 'z.json': JSON.stringify(recordedCall(2)) };

  test('gzip over several megabytes, and an array', async () => {
    const calls = manyCalls();
    const packed = gzipSync(calls.join('\n'), { level: 1 });
    expect(packed.length).toBeGreaterThan(4 * 1024 * 1024);
    const array = `[${calls.join(',\n')}`;
    const folder = tempFolder({ ...OTHERS, 'm.json': array });
    writeFileSync(join(folder, 'n.gz'), packed.subarray(0, -100));
    const { accounting, dataset, rows } = await openSource(folder);
    expect(accounting.objects).toEqual({ listed: 4, read: 2, skipped: 0, failed: 2 });
    expect(dataset.formats.map(({ records }) => records)).toEqual([2]);
    expect(accounting.records).toEqual({ read: 2, kept: 2, duplicate: 0, filtered: 0, quarantined: 0 });
    expect(await rows('SELECT object_key FROM api_calls ORDER BY 1')).toEqual([
      { object_key: 'a.json' },
      { object_key: 'z.json' },
    ]);
    const sound = await openSource(tempFolder({ ...OTHERS, 'm.json': `${array}]` }));
    expect(sound.accounting.records.kept).toBe(60_002);
  });
});
