/** Names of keys that usually hold a column, the likeliest first; compared without case, `_`, `-`, `@` and `.`. */
const USUAL_NAMES: Readonly<Record<string, readonly string[]>> = {
  timestamp: [
    'timestamp',
    'eventtime',
    'eventtimestamp',
    'time',
    'requesttime',
    'datetime',
    'ts',
    'date',
    'createdat',
    'start',
    'starttime',
  ],
  event_id: ['eventid', 'eventuuid', 'uuid', 'id'],
  session_id: ['sessionid', 'session', 'sid', 'traceid'],
  account_id: ['accountid', 'account', 'awsaccountid', 'recipientaccountid', 'tenant', 'tenantid'],
  region: ['region', 'awsregion'],
  service: ['service', 'servicename', 'app', 'apptitle', 'application', 'component', 'source'],
  operation: ['operation', 'operationname', 'action', 'eventname', 'event', 'eventtype', 'method', 'type', 'name'],
  principal: [
    'principal',
    'user',
    'userid',
    'username',
    'caller',
    'actor',
    'subject',
    'email',
    'customer',
    'customerid',
  ],
  source_ip: ['sourceip', 'ip', 'clientip', 'remoteip', 'remoteaddr', 'sourceipaddress'],
  user_agent: ['useragent', 'agent', 'httpuseragent'],
  status_code: ['statuscode', 'status', 'httpstatus', 'code'],
  error_code: ['errorcode', 'errtype', 'errortype', 'error'],
  error_message: ['errormessage', 'errmsg', 'message'],
  duration_ms: ['durationms', 'duration', 'latency', 'latencyms', 'elapsed', 'responsetime', 'totaltime'],
  request_bytes: ['requestbytes', 'bytesin', 'requestlength'],
  response_bytes: ['responsebytes', 'bytesout', 'bytessent', 'responselength', 'bytes'],
  request: ['request', 'requestparameters', 'params', 'parameters', 'req', 'input', 'meta', 'payload'],
  response: ['response', 'responseelements', 'res', 'output', 'result'],
};

const DETECTION_KEYS = 5;

/**
 * A part of `awsusage.config.json` to fill in for an unknown format with these top-level keys: the columns are guessed by
 * name, `$.TODO` stands where a needed one was not found.
 */
export function suggestMap(keys: readonly string[]): string {
  const usable = keys.filter((key) => key !== '' && !key.includes('"'));
  const columns: Record<string, unknown> = { timestamp: '$.TODO', service: { sql: "'my-app'" }, operation: '$.TODO' };
  const taken = new Set<string>();
  for (const [column, names] of Object.entries(USUAL_NAMES)) {
    const key = guess(usable, names, taken);
    if (key === undefined) continue;
    taken.add(key);
    columns[column] = /^[A-Za-z_][A-Za-z0-9_-]*$/.test(key) ? `$.${key}` : `$."${key}"`;
  }
  const detection = [...taken, ...usable.filter((key) => !taken.has(key))].slice(0, DETECTION_KEYS);
  const format = { name: 'my-format', detect: { all: detection }, columns };
  return JSON.stringify({ formats: [format] }, null, 2);
}

function guess(keys: readonly string[], names: readonly string[], taken: ReadonlySet<string>): string | undefined {
  const free = keys.filter((key) => !taken.has(key));
  for (const name of names) {
    const key = free.find((candidate) => candidate.toLowerCase().replaceAll(/[_\-@.]/g, '') === name);
    if (key !== undefined) return key;
  }
  return undefined;
}
