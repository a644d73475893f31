/**
 * The columns of the one view `api_calls`, in their order, with their SQL types.
 * Every format projects into these; a column that a format cannot fill is NULL.
 */
export const API_CALL_COLUMNS = {
  timestamp: 'TIMESTAMP',
  event_id: 'VARCHAR',
  session_id: 'VARCHAR',
  account_id: 'VARCHAR',
  region: 'VARCHAR',
  service: 'VARCHAR',
  operation: 'VARCHAR',
  principal: 'VARCHAR',
  source_ip: 'VARCHAR',
  user_agent: 'VARCHAR',
  status_code: 'INTEGER',
  error_code: 'VARCHAR',
  error_message: 'VARCHAR',
  duration_ms: 'DOUBLE',
  request_bytes: 'BIGINT',
  response_bytes: 'BIGINT',
  request: 'VARCHAR',
  response: 'VARCHAR',
  calls: 'BIGINT',
  log_format: 'VARCHAR',
  object_key: 'VARCHAR',
} as const;

export type ApiCallColumn = keyof typeof API_CALL_COLUMNS;

/** The columns that a format fills from a record; the rest is known from where the record lay. */
export type ProjectedColumn = Exclude<ApiCallColumn, 'log_format' | 'object_key'>;
