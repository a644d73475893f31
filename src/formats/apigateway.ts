import type { LogFormat } from './log-format.js';
import { presentSql } from './present-sql.js';

const present = (field: string) => presentSql(`"${field}"`, '-');

/** Keys of other web servers' JSON logs, whose `request_time` is a duration. */
const NOT_APIGATEWAY = ['remote_addr', 'time_local', 'body_bytes_sent', 'request_method'];

/**
 * API Gateway access logs. The keys are the user's own: these are AWS's examples and their snake_case twins.
 * A client can set the request id itself, so only the extended one tells records apart.
 */
export const APIGATEWAY: LogFormat = {
  name: 'apigateway',
  summary: 'API Gateway access logs in JSON',
  takesDashes: true,
  signatures: [
    { all: ['requestTime', 'status'], any: ['httpMethod', 'resourcePath', 'routeKey'], none: NOT_APIGATEWAY },
    { all: ['requestTimeEpoch', 'status'], any: ['httpMethod', 'resourcePath', 'routeKey'], none: NOT_APIGATEWAY },
    { all: ['requestId', 'requestTime'], any: ['httpMethod', 'resourcePath', 'routeKey'], none: NOT_APIGATEWAY },
  ],
  fields: {
    requestId: 'text',
    extendedRequestId: 'text',
    ip: 'text',
    caller: 'text',
    user: 'text',
    requestTime: 'timestamp',
    requestTimeEpoch: 'timestamp',
    httpMethod: 'text',
    resourcePath: 'text',
    routeKey: 'text',
    path: 'text',
    status: 'integer',
    protocol: 'text',
    responseLength: 'integer',
    accountId: 'text',
    apiId: 'text',
    stage: 'text',
    domainName: 'text',
    userAgent: 'text',
    errorMessage: 'text',
    errorResponseType: 'text',
    integrationStatus: 'integer',
    integrationLatency: 'double',
    responseLatency: 'double',
  },
  aliases: {
    request_id: 'requestId',
    extended_request_id: 'extendedRequestId',
    source_ip: 'ip',
    sourceIp: 'ip',
    request_time: 'requestTime',
    request_time_epoch: 'requestTimeEpoch',
    http_method: 'httpMethod',
    resource_path: 'resourcePath',
    route_key: 'routeKey',
    response_length: 'responseLength',
    account_id: 'accountId',
    api_id: 'apiId',
    domain_name: 'domainName',
    user_agent: 'userAgent',
    error_message: 'errorMessage',
    error_response_type: 'errorResponseType',
    integration_status: 'integrationStatus',
    integration_latency: 'integrationLatency',
    response_latency: 'responseLatency',
  },
  spellings: { requestTime: 'milliseconds', requestTimeEpoch: 'milliseconds', responseLength: 'quoted' },
  columns: {
    timestamp: `coalesce(${present('requestTime')}, ${present('requestTimeEpoch')})`,
    event_id: present('extendedRequestId'),
    account_id: present('accountId'),
    service: `'execute-api'`,
    operation: operationSql(),
    principal: present('user'),
    source_ip: present('ip'),
    user_agent: present('userAgent'),
    status_code: '"status"',
    error_code: present('errorResponseType'),
    error_message: present('errorMessage'),
    duration_ms: '"responseLatency"',
    response_bytes: '"responseLength"',
  },
};

/** The method and the resource; a route key such as `GET /pets` already begins with a method, which is not said twice. */
function operationSql(): string {
  const method = present('httpMethod');
  const route = `CASE WHEN ${method} IS NULL THEN ${present('routeKey')} ELSE system.main.regexp_replace(${present('routeKey')}, '^[A-Z]+ ', '') END`;
  return `nullif(concat_ws(' ', ${method}, coalesce(${present('resourcePath')}, ${route})), '')`;
}
