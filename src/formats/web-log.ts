import type { LogFormat } from './log-format.js';
import { presentSql } from './present-sql.js';

/** Events of a web site's visitors: visit, view, list, like, cart, purchase. */
export const WEB_LOG: LogFormat = {
  name: 'web-log',
  summary: 'web analytics events',
  signatures: [
    { all: ['event', 'user_id', 'session_id'], any: ['timestamp', 'uri', 'hostname'] },
    { all: ['event', 'timestamp', 'uri'], any: ['user_id', 'session_id', 'hostname'] },
  ],
  fields: {
    user_id: 'text',
    session_id: 'text',
    event: 'text',
    referrer: 'text',
    user_agent: 'text',
    ip: 'text',
    hostname: 'text',
    os: 'text',
    timestamp: 'timestamp',
    uri: 'text',
  },
  aliases: { userId: 'user_id', sessionId: 'session_id', userAgent: 'user_agent', hostName: 'hostname' },
  columns: {
    timestamp: '"timestamp"',
    session_id: presentSql('"session_id"'),
    service: `'web'`,
    operation: presentSql('"event"'),
    principal: presentSql('"user_id"'),
    source_ip: presentSql('"ip"'),
    user_agent: presentSql('"user_agent"'),
    request: `json_object('referrer', "referrer", 'hostname', "hostname", 'os', "os", 'uri', "uri")`,
  },
};
