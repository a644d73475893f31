import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { zstdFrame } from './zstd-bodies.js';
import { tellAll, textsTold, type Told, type TellOptions } from './tell-all.js';

const RECORD = '{"eventID":"1","eventName":"GetObject"}';
const OTHER = '{"eventID":"2","s":"\\u00e9é😀"}';

/** Records have an `eventID`, gateway logs an `ip`, decoys a `decoy`; everything else is unknown. */
const recognise: NonNullable<TellOptions['recognise']> = (keys) => {
  if (keys.includes('eventID')) return 'target';
  if (keys.includes('ip')) return 'takes dashes';
  return keys.includes('decoy') ? 'decoy' : 'unknown';
};
const tell = async (body: Uint8Array | string, options: TellOptions = {}): Promise<string[]> => {
  const { told, broken } = await tellAll(body, { recognise, ...options });
  return [...told.map(shown), ...(broken === undefined ? [] : [`broken: ${broken}`])];
};
const shown = ({ kind, text, reason }: Told): string =>
  kind === 'quarantined'
    ? `aside: ${reason}: ${text}`
    : [kind, reason || text].filter((part) => part !== '').join(': ');

const base64 = (body: Uint8Array | string): string => Buffer.from(body).toString('base64');
const sns = (message: string): string =>
  JSON.stringify({ Type: 'Notification', MessageId: 'm', TopicArn: 't', Message: message });
const eventBridge = (detail: string): string => `{"version":"0","detail-type":"AWS API Call","detail":${detail}}`;
const firehose = (rawData: string): string =>
  JSON.stringify({ attemptsMade: 4, arrivalTimestamp: 1, errorCode: 'E', errorMessage: 'm', rawData, lambdaArn: 'a' });
const logs = (...messages: string[]): string => {
  const logEvents = messages.map((message, i) => ({ id: `${i}`, timestamp: i, message }));
  return JSON.stringify({ messageType: 'DATA_MESSAGE', owner: '1', logGroup: 'g', logEvents, subscriptionFilters: [] });
};

describe('what stands in a body', () => {
  test.each<[string, string, string[]]>([
    ['nothing', '', []],
    ['blank space', ' \n', []],
    ['records', `${RECORD}\n${OTHER}\n`, [`record: ${RECORD}`, `record: ${OTHER}`]],
    ['a byte order mark', `\ufeff${RECORD}`, [`record: ${RECORD}`]],
    ['a list', `[${RECORD},${OTHER}]`, [`record: ${RECORD}`, `record: ${OTHER}`]],
    ['Records', `{"Records":[${RECORD}],"x":1}`, [`record: ${RECORD}`]],
    ['empty Records', '{"Records":[]}', []],
    ['empty Events with what stands beside them', '{"Events":[ \n],"NextToken":"x"}', []],
    [
      'an unknown object with an empty list of that name',
      '{"x":1,"Records":[],"y":2}',
      ['unrecognised: {"x":1,"Records":[],"y":2}'],
    ],
    ['empty logEvents in a list', '[{"logEvents":[]}]', []],
    ['an empty list', '[ ]', []],
    [
      'a record with an empty list of that name',
      '{"eventID":"1","Events":[]}',
      ['record: {"eventID":"1","Events":[]}'],
    ],
    ['something unknown', '{"a":1}', ['unrecognised: {"a":1}']],
    ['unknown in Records', '{"Records":[{"a":1}]}', ['unrecognised: {"a":1}']],
    ['Records of no objects', '{"Records":[1]}', ['unrecognised: {"Records":[1]}']],
    ['a decoy', `{"decoy":1}\n${RECORD}`, ['passed over: a decoy', `record: ${RECORD}`]],
    [
      'other values',
      '1\n"a"\n[1]\nnull',
      ['1', '"a"', '[1]', 'null'].map((text) => `aside: a JSON value that is not an object: ${text}`),
    ],
    ['no JSON', `${RECORD}\n{"eventID":x}\n`, [`record: ${RECORD}`, 'aside: not a JSON value: {"eventID":x}']],
    ['a broken list', `[${RECORD}`, [`record: ${RECORD}`, 'broken: the list of records is cut off']],
  ])('%s', async (_name, body, told) => {
    for (const chunkBytes of [1, 3, 10, 1000]) expect(await tell(body, { chunkBytes })).toEqual(told);
    expect(await tell(gzipSync(body))).toEqual(told);
    expect(await tell(zstdFrame(body))).toEqual(told);
  });

  test('what is not UTF-8 is put aside alone', async () => {
    const bytes = Buffer.from(`{"eventID":"é"}\n{"eventID":"\xff"}\n{"eventID":"2"}\n`, 'latin1');
    const body = Buffer.concat([Buffer.from(`${OTHER}\n`), bytes.subarray(bytes.indexOf('\n') + 1)]);
    for (const chunkBytes of [1, 2, 3, 20, 1000]) {
      const { told } = await tellAll(body, { recognise, chunkBytes });
      expect(told.map(({ kind, reason }) => `${kind} ${reason}`.trim())).toEqual([
        'record',
        'quarantined not UTF-8 text',
        'record',
      ]);
    }
  });

  test('places are told as they lie in the unpacked body', async () => {
    const { told } = await tellAll(gzipSync(`${RECORD}\n\nbad\n${RECORD}`), { recognise, chunkBytes: 10 });
    expect(told.map(({ start }) => start)).toEqual([0, RECORD.length + 2, RECORD.length + 6]);
  });
});

describe('bare dashes', () => {
  test.each<[string, string[]]>([
    ['{"ip":"1","status":-}', ['repaired', 'record: {"ip":"1","status":-}']],
    ['{"ip":"1","status":"-"}', ['record: {"ip":"1","status":"-"}']],
    ['{"ip":-,"status":- }', ['repaired', 'record: {"ip":-,"status":- }']],
    ['{"ip":{"a":-}}', ['aside: a number lacks digits: {"ip":{"a":-}}']],
    ['{"eventID":"1","status":-}', ['aside: not a JSON value: {"eventID":"1","status":-}']],
    ['{"a":-}', ['aside: not a JSON value: {"a":-}']],
    ['{"decoy":-}', ['aside: not a JSON value: {"decoy":-}']],
    [`{"detail-type":-,"detail":${RECORD}}`, [`aside: not a JSON value: {"detail-type":-,"detail":${RECORD}}`]],
    [sns('{"ip":"1","status":-}'), ['repaired', 'record: {"ip":"1","status":-}']],
    [sns('{"eventID":-}'), [`aside: not a JSON value: ${sns('{"eventID":-}')}`]],
  ])('%s', async (body, told) => {
    expect(await tell(body)).toEqual(told);
  });
});

describe('envelopes', () => {
  const lookup = JSON.stringify({
    Events: [
      { EventId: '1', CloudTrailEvent: RECORD },
      { EventId: '2', CloudTrailEvent: OTHER },
    ],
  });
  const shipper = `{"@timestamp":"t","aws":{"cloudtrail":${RECORD}},"host":"h"}`;
  const control = 'CWL CONTROL MESSAGE: Checking health of destination Firehose.';
  const failed = (body: string, field: string): string => `aside: no record in "${field}" of its envelope: ${body}`;

  test.each<[string, string, string[]]>([
    ['lookup-events', lookup, [`record: ${RECORD}`, `record: ${OTHER}`]],
    ['EventBridge', eventBridge(RECORD), [`record: ${RECORD}`]],
    ['EventBridge around something unknown', eventBridge('{"a":1}'), [`unrecognised: ${eventBridge('{"a":1}')}`]],
    ['EventBridge without a record', eventBridge('null'), [failed(eventBridge('null'), 'detail')]],
    ['EventBridge around text', eventBridge('"{}"'), [failed(eventBridge('"{}"'), 'detail')]],
    ['SNS', sns(RECORD), [`record: ${RECORD}`]],
    ['SNS with blanks', sns(` \n${RECORD}\n`), [`record: ${RECORD}`]],
    ['SNS with text', sns('Hello'), [failed(sns('Hello'), 'Message')]],
    ['SNS with nothing', sns(''), [failed(sns(''), 'Message')]],
    ['SNS with broken JSON', sns('{"eventID":'), [failed(sns('{"eventID":'), 'Message')]],
    ['SNS with two records', sns(RECORD + RECORD), [failed(sns(RECORD + RECORD), 'Message')]],
    [
      'SNS with an object that is no text',
      '{"Type":"N","MessageId":"m","Message":{}}',
      [failed('{"Type":"N","MessageId":"m","Message":{}}', 'Message')],
    ],
    ['SNS with half a surrogate pair', sns('{"eventID":"\\ud800"}'), ['record: {"eventID":"\\ud800"}']],
    ['SNS with a decoy', sns('{"decoy":1}'), ['passed over: a decoy']],
    ['CloudWatch Logs', logs(RECORD, OTHER), [`record: ${RECORD}`, `record: ${OTHER}`]],
    [
      'CloudWatch Logs, one line of text',
      logs(RECORD, 'START RequestId'),
      [`record: ${RECORD}`, failed('{"id":"1","timestamp":1,"message":"START RequestId"}', 'message')],
    ],
    [
      'CloudWatch Logs, a control message',
      logs(control).replace('DATA', 'CONTROL'),
      ['passed over: a CloudWatch Logs control message'],
    ],
    ['a shipper', shipper, [`record: ${RECORD}`]],
    ['a shipper without more', `{"aws":{"cloudtrail":${RECORD}}}`, [`record: ${RECORD}`]],
    [
      'a known record with that key',
      '{"eventID":"1","aws":{"cloudtrail":{}}}',
      ['record: {"eventID":"1","aws":{"cloudtrail":{}}}'],
    ],
    ['a shipper around something else', '{"aws":{"lambda":{"a":1}}}', ['unrecognised: {"aws":{"lambda":{"a":1}}}']],
    ['a shipper around no object', '{"aws":"eu-west-1"}', [failed('{"aws":"eu-west-1"}', 'aws')]],
    ['SNS around EventBridge around a shipper', sns(eventBridge(shipper)), [`record: ${RECORD}`]],
    ['SNS five times', [1, 2, 3, 4, 5].reduce(sns, RECORD), [`record: ${RECORD}`]],
    [
      'SNS six times',
      [1, 2, 3, 4, 5, 6].reduce(sns, RECORD),
      [failed([1, 2, 3, 4, 5, 6].reduce(sns, RECORD), 'Message')],
    ],
  ])('%s', async (_name, body, told) => {
    expect(await tell(body)).toEqual(told);
    expect(await tell(`${body}\n${RECORD}\n`, { chunkBytes: 11 })).toEqual([...told, `record: ${RECORD}`]);
  });
});

describe('records of failed deliveries', () => {
  const refused = (rawData: string, reason: string): string =>
    `aside: no record in "rawData" of its envelope: ${reason}: ${firehose(rawData)}`;

  test.each<[string, string, string[]]>([
    ['one record', base64(RECORD), [`record: ${RECORD}`]],
    ['several, with nothing between', base64(RECORD + OTHER), [`record: ${RECORD}`, `record: ${OTHER}`]],
    ['several, one a line', base64(`${RECORD}\n${OTHER}\n`), [`record: ${RECORD}`, `record: ${OTHER}`]],
    ['a byte order mark', base64(`\ufeff${RECORD}`), [`record: ${RECORD}`]],
    ['packed', base64(gzipSync(`${RECORD}\n${OTHER}`)), [`record: ${RECORD}`, `record: ${OTHER}`]],
    ['a packed subscription', base64(gzipSync(logs(RECORD, OTHER))), [`record: ${RECORD}`, `record: ${OTHER}`]],
    ['SNS inside', base64(sns(RECORD)), [`record: ${RECORD}`]],
    ['a failed delivery inside', base64(firehose(base64(gzipSync(RECORD)))), [`record: ${RECORD}`]],
    [
      'one bad record of two',
      base64(`${RECORD}\n{"eventID":x}`),
      [`record: ${RECORD}`, `aside: not a JSON value: ${firehose(base64(`${RECORD}\n{"eventID":x}`))}`],
    ],
    ['something unknown', base64('{"a":1}'), [`unrecognised: ${firehose(base64('{"a":1}'))}`]],
    ['text', base64('text'), [`aside: not a JSON value: ${firehose(base64('text'))}`]],
    [
      'not UTF-8',
      base64(Buffer.from('{"eventID":"\xff"}', 'latin1')),
      [`aside: not UTF-8 text: ${firehose(base64(Buffer.from('{"eventID":"\xff"}', 'latin1')))}`],
    ],
    ['nothing', '', [refused('', 'no data')]],
    ['no base64', '!!!', [refused('!!!', 'not base64')]],
    [
      'base64 with something between',
      `${base64(RECORD).slice(0, 8)}@@@@${base64(RECORD).slice(8)}`,
      [refused(`${base64(RECORD).slice(0, 8)}@@@@${base64(RECORD).slice(8)}`, 'not base64')],
    ],
    ['cut base64', base64(RECORD).slice(0, -1), [refused(base64(RECORD).slice(0, -1), 'not base64')]],
    [
      'cut gzip',
      base64(gzipSync(RECORD).subarray(0, 30)),
      [refused(base64(gzipSync(RECORD).subarray(0, 30)), 'gzip: the data is cut off')],
    ],
  ])('%s', async (_name, rawData, told) => {
    expect(await tell(firehose(rawData))).toEqual(told);
    expect(await tell(`${firehose(rawData)}\n${RECORD}`)).toEqual([...told, `record: ${RECORD}`]);
  });

  test('raw data that is no text', async () => {
    expect(await tell('{"attemptsMade":1,"rawData":null}')).toEqual([
      'aside: no record in "rawData" of its envelope: {"attemptsMade":1,"rawData":null}',
    ]);
  });

  test('what is put aside lies where its envelope does', async () => {
    const { told } = await tellAll(`${RECORD}\n${firehose(base64(`${RECORD}\nbad`))}\n${sns('bad')}`, { recognise });
    const aside = told.filter(({ kind }) => kind === 'quarantined');
    expect(aside.map(({ start }) => start)).toEqual([
      RECORD.length + 1,
      RECORD.length + 2 + firehose(base64(`${RECORD}\nbad`)).length,
    ]);
  });

  test('many that unpack to much are a bomb together', async () => {
    const one = firehose(base64(gzipSync(`{"eventID":"${'x'.repeat(9 * 1024 * 1024)}"}`)));
    const { told } = await tellAll(Array<string>(50).fill(one).join('\n'), { recognise: () => 'decoy' });
    expect(told).toHaveLength(50);
    expect(told.filter(({ kind }) => kind === 'passed over').length).toBeLessThan(15);
    expect(told.at(-1)?.reason).toContain('the object unpacks to far more than it should');
  });

  test('a bomb in a bomb', async () => {
    const inner = `${firehose(base64(gzipSync(`{"eventID":"${'x'.repeat(5_000_000)}"}`)))}\n`;
    const { told, broken } = await tellAll(firehose(base64(gzipSync(inner.repeat(1000)))), {
      recognise: () => 'decoy',
    });
    expect(broken).toBeUndefined();
    expect(told.filter(({ kind }) => kind === 'passed over').length).toBeLessThan(500);
  });
});

describe('lines of text', () => {
  const fitsLine = (line: string): boolean => line.startsWith('log ');

  test.each<[string, string[]]>([
    ['log 1\nlog 2\n', ['line: log 1', 'line: log 2']],
    ['log 1\nbad\nlog 2', ['line: log 1', 'aside: not a line of its format: bad', 'line: log 2']],
    ['bad\nlog 1\n', ['aside: not a line of its format: bad', 'line: log 1']],
    [`${RECORD}\nlog 1\n`, [`record: ${RECORD}`, 'aside: not a JSON value: log 1']],
    [`log 1\n${RECORD}\n`, ['line: log 1', `aside: not a line of its format: ${RECORD}`]],
    [firehose(base64('log 1\nlog 2')), ['line: log 1', 'line: log 2']],
  ])('%j', async (body, told) => {
    for (const chunkBytes of [1, 4, 1000]) expect(await tell(body, { fitsLine, chunkBytes })).toEqual(told);
  });

  test('a long first line is waited for', async () => {
    const line = `log ${'x'.repeat(20_000)}`;
    const { told } = await tellAll(`${line}\nlog 2`, { fitsLine, chunkBytes: 1000 });
    expect(textsTold(told, 'line')).toEqual([line, 'log 2']);
  });
});
