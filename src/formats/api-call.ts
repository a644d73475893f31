import type { LogFormat } from './log-format.js';
import { presentSql } from './present-sql.js';

/** Calls recorded one by one at a LocalStack-style gateway. */
export const API_CALL: LogFormat = {
  name: 'api-call',
  summary: 'AWS calls recorded at a LocalStack-style gateway',
  signatures: [
    { all: ['service', 'operation', 'session_id'] },
    { all: ['service', 'operation', 'status_code'] },
    { all: ['timestamp', 'service', 'operation', 'request', 'response'] },
  ],
  fields: {
    timestamp: 'timestamp',
    session_id: 'text',
    event_id: 'text',
    request_id: 'text',
    account_id: 'text',
    region: 'text',
    service: 'text',
    operation: 'text',
    status_code: 'integer',
    user_agent: 'text',
    request: 'text',
    response: 'text',
    err_type: 'text',
    err_msg: 'text',
    duration_ms: 'double',
  },
  spellings: { timestamp: 'local' },
  columns: {
    timestamp: '"timestamp"',
    event_id: `coalesce(${presentSql('"event_id"')}, ${presentSql('"request_id"')})`,
    session_id: presentSql('"session_id"'),
    account_id: presentSql('"account_id"'),
    region: presentSql('"region"'),
    service: `lower(${presentSql('"service"')})`,
    operation: presentSql('"operation"'),
    user_agent: presentSql('"user_agent"'),
    status_code: '"status_code"',
    error_code: presentSql('"err_type"', 'null'),
    error_message: presentSql('"err_msg"', 'null'),
    duration_ms: '"duration_ms"',
    request: presentSql('"request"', 'null'),
    response: presentSql('"response"', 'null'),
  },
};
