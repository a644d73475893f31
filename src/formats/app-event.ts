import { jsonContentSql } from './json-value-sql.js';
import type { LogFormat } from './log-format.js';
import { presentSql } from './present-sql.js';

/** Events that an application reports about its users. */
export const APP_EVENT: LogFormat = {
  name: 'app-event',
  summary: 'application events (event_id, event_timestamp, event_type, app_title …)',
  signatures: [{ all: ['event_timestamp', 'event_type', 'app_title'] }],
  fields: {
    event_id: 'text',
    event_timestamp: 'timestamp',
    event_type: 'text',
    event_version: 'text',
    app_title: 'text',
    app_version: 'text',
    user_id: 'text',
    user_name: 'text',
    meta: 'json',
    token_payload: 'json',
  },
  aliases: {
    eventId: 'event_id',
    eventTimestamp: 'event_timestamp',
    eventType: 'event_type',
    eventVersion: 'event_version',
    appTitle: 'app_title',
    appVersion: 'app_version',
    userId: 'user_id',
    userName: 'user_name',
    tokenPayload: 'token_payload',
  },
  columns: {
    timestamp: '"event_timestamp"',
    event_id: presentSql('"event_id"'),
    service: `lower(${presentSql('"app_title"')})`,
    operation: presentSql('"event_type"'),
    principal: presentSql('"user_id"'),
    request: jsonContentSql('"meta"'),
  },
};

/** Events of a media library: so few fields that nothing else may stand beside them. */
export const MEDIA_EVENT: LogFormat = {
  name: 'media-event',
  label: 'app-event',
  summary: 'media events (id, userId, format, timestamp)',
  signatures: [{ all: ['id', 'userId'], only: ['id', 'userId', 'format', 'timestamp'] }],
  fields: { id: 'text', userId: 'text', format: 'text', timestamp: 'timestamp' },
  aliases: { user_id: 'userId' },
  columns: {
    timestamp: '"timestamp"',
    event_id: presentSql('"id"'),
    service: `'media'`,
    operation: presentSql('"format"'),
    principal: presentSql('"userId"'),
  },
};
