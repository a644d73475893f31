import { jsonValueSql } from './json-value-sql.js';
import type { LogFormat } from './log-format.js';

const CALL_LIST = `TRY(CAST(json_extract("payload", '$.api_calls[*]') AS VARCHAR[]))`;
const entry = (key: string) => jsonValueSql('"entry"', `$.${key}`);

/**
 * A gateway's analytics events: `aws_request` is one call, `aws_request_agg` holds a list of counted ones and gives a row
 * for each. The same stream carries events that are no calls; they are dropped.
 */
export const API_CALL_EVENT: LogFormat = {
  name: 'api-call-event',
  label: 'api-call',
  summary: 'analytics events of a LocalStack-style gateway (aws_request, aws_request_agg)',
  signatures: [{ all: ['name', 'metadata', 'payload'] }],
  fields: { name: 'text', metadata: 'json', payload: 'json' },
  rows: `unnest(CASE WHEN "name" = 'aws_request_agg' THEN ${CALL_LIST} ELSE ["payload"] END) AS "entries"("entry")`,
  drop: {
    when: `CASE "name" WHEN 'aws_request' THEN ${jsonValueSql('"payload"', '$.operation')} IS NULL OR coalesce(${jsonValueSql('"payload"', '$.is_internal')}, '') = 'true' WHEN 'aws_request_agg' THEN coalesce(len(${CALL_LIST}), 0) = 0 ELSE true END`,
    reason: 'gateway event that is no call of a user (internal, empty, or of another kind)',
  },
  columns: {
    timestamp: `coalesce(${jsonValueSql('"payload"', '$.period_start_time')}, ${jsonValueSql('"metadata"', '$.client_time')})`,
    session_id: jsonValueSql('"metadata"', '$.session_id'),
    account_id: entry('account_id'),
    region: entry('region'),
    service: `lower(${entry('service')})`,
    operation: entry('operation'),
    user_agent: entry('user_agent'),
    status_code: entry('status_code'),
    error_code: entry('err_type'),
    error_message: entry('err_msg'),
    calls: `CASE WHEN "name" = 'aws_request_agg' THEN ${entry('count')} ELSE '1' END`,
  },
};
