import { describe, expect, test } from 'vitest';
import { detectFormat, LOG_FORMATS } from '../../src/formats/format-catalog.js';
import type { LogFormat } from '../../src/formats/log-format.js';

const CLOUDTRAIL_1_0 =
  'eventVersion,userIdentity,eventTime,eventSource,eventName,awsRegion,sourceIPAddress,userAgent,requestParameters,responseElements';

const RECORDS: readonly (readonly [string, string])[] = [
  ['cloudtrail', CLOUDTRAIL_1_0],
  [
    'cloudtrail',
    `${CLOUDTRAIL_1_0},requestID,eventID,eventType,recipientAccountId,tlsDetails,eventContext,somethingNew`,
  ],
  ['cloudtrail', 'eventSource,eventName'],
  ['cloudtrail', 'eventVersion,eventName,eventTime'],
  ['cloudtrail', 'eventVersion,accountId,eventId,eventCategory,eventType,awsRegion,eventSource,timeWindow,summary'],
  [
    'cloudtrail',
    'eventVersion,eventTime,awsRegion,eventID,eventType,recipientAccountId,sharedEventID,insightDetails,eventCategory',
  ],
  [
    'api-call',
    'timestamp,session_id,service,operation,region,status_code,user_agent,request,response,err_type,err_msg',
  ],
  ['api-call', 'timestamp,session_id,service,operation,status_code,user_agent,request,response'],
  ['api-call', 'timestamp,request_id,service,operation,status_code,account_id,duration_ms'],
  ['api-call-event', 'name,metadata,payload'],
  ['apigateway', 'requestId,ip,user,requestTime,httpMethod,resourcePath,status,protocol,responseLength'],
  ['apigateway', 'request_id,ip,user,request_time,http_method,resource_path,status,protocol,response_length'],
  ['apigateway', 'requestId,ip,requestTime,httpMethod,routeKey,status,protocol,responseLength,apiId,stage'],
  ['apigateway', 'requestTimeEpoch,status,routeKey'],
  ['web-log', 'user_id,session_id,event,referrer,user_agent,ip,hostname,os,timestamp,uri'],
  ['web-log', 'userId,sessionId,event,referrer,userAgent,ip,hostname,os,timestamp,uri'],
  [
    'app-event',
    'event_id,event_timestamp,event_type,event_version,app_title,app_version,user_id,user_name,meta,token_payload',
  ],
  ['app-event', 'event_id,event_timestamp,event_type,event_version,app_title,app_version,user_id,user_name'],
  ['media-event', 'id,userId,format,timestamp'],
  ['media-event', 'id,userId'],
  ['s3-access', 'bucket_owner,bucket,time,remote_ip,requester,request_id,operation,key,request_uri,http_status'],
  [
    's3-access',
    'bucketowner,bucket_name,requestdatetime,remoteip,requester,requestid,operation,key,request_uri,httpstatus',
  ],
];

const DECOYS: readonly (readonly [string, string])[] = [
  [
    'S3 event notification',
    'eventVersion,eventSource,awsRegion,eventTime,eventName,userIdentity,requestParameters,responseElements,s3',
  ],
  ['S3 event notification', 'Service,Event,Time,Bucket,RequestId,HostId'],
  [
    'stream or queue record handed to a function',
    'eventID,eventName,eventVersion,eventSource,awsRegion,dynamodb,eventSourceARN',
  ],
  [
    'stream or queue record handed to a function',
    'messageId,receiptHandle,body,attributes,eventSource,eventSourceARN,awsRegion',
  ],
  [
    'CloudTrail digest',
    'awsAccountId,digestStartTime,digestEndTime,digestS3Bucket,digestS3Object,newestEventTime,logFiles',
  ],
  ['S3 inventory manifest', 'sourceBucket,destinationBucket,version,creationTimestamp,fileFormat,fileSchema,files'],
  ['AWS Config snapshot', 'fileVersion,configSnapshotId,configurationItems'],
  ['package manifest', 'name,version,description,scripts,dependencies'],
];

const UNKNOWN: readonly string[] = [
  '',
  'a,b',
  'id,userId,title,completed',
  'id,user',
  'timestamp,level,message',
  'timestamp,service,level,message',
  'time_local,remote_addr,request_time,http_method,status,body_bytes_sent',
  'event,timestamp',
  'name,metadata',
  'user,count,eventName,from,to,param,value',
  'event_type,event_timestamp,client_id',
  '__proto__,constructor,toString',
];

describe('detectFormat', () => {
  test.each(RECORDS)('%s: %s', (name, keys) => {
    const detected = detectFormat(keys.split(','));
    expect(detected.kind === 'format' ? detected.format.name : detected.kind).toBe(name);
  });

  test.each(DECOYS)('%s: %s', (reason, keys) => {
    expect(detectFormat(keys.split(','))).toEqual({ kind: 'decoy', reason });
  });

  test.each(UNKNOWN)('unknown: %s', (keys) => {
    expect(detectFormat(keys.split(','))).toEqual({ kind: 'unknown' });
  });

  test('no format takes the full record of another, whatever the order', () => {
    for (const format of LOG_FORMATS) {
      const detected = detectFormat(Object.keys(format.fields));
      expect(detected.kind === 'format' && detected.format.name).toBe(format.name);
    }
  });

  test("the user's own format comes before the built-in ones", () => {
    const own: LogFormat = { name: 'own', summary: '', signatures: [{ all: ['eventName'] }], fields: {}, columns: {} };
    expect(detectFormat(CLOUDTRAIL_1_0.split(','), [own])).toEqual({ kind: 'format', format: own });
    expect(detectFormat(['x'], [own])).toEqual({ kind: 'unknown' });
  });
});

test('names and labels are fit for SQL, and aliases lead to fields', () => {
  for (const { name, aliases, fields } of LOG_FORMATS) {
    expect(name).toMatch(/^[a-z0-9-]+$/);
    for (const [alias, field] of Object.entries(aliases ?? {})) {
      expect(Object.keys(fields), `${name}: ${alias}`).toContain(field);
      expect(Object.keys(fields), `${name}: ${alias}`).not.toContain(alias);
    }
  }
  // DuckDB's column names do not know upper from lower case.
  for (const { name, fields } of LOG_FORMATS) {
    const names = Object.keys(fields).map((field) => field.toLowerCase());
    expect(new Set(names).size, name).toBe(names.length);
  }
  expect(new Set(LOG_FORMATS.map(({ name }) => name)).size).toBe(LOG_FORMATS.length);
});
