// Events of a trail out of a number, with the nesting and the size of those that AWS writes.
import { mix, uuid } from './make-chance.js';
import { ACCOUNT, EVENTS } from './trail-event-kinds.js';

const EVENTS_PER_SESSION_BLOCK = 3000;
const SESSIONS_PER_BLOCK = 6;

const AGENTS = [
  'aws-cli/2.31.4 md/awscrt#0.27.6 ua/2.1 os/linux#6.8.0 md/arch#x86_64 lang/python#3.13.7 md/pyimpl#CPython cfg/retry-mode#standard',
  'Boto3/1.40.44 md/Botocore#1.40.44 ua/2.1 os/linux#6.8.0 md/arch#arm64 lang/python#3.12.11 md/pyimpl#CPython',
  'APN/1.0 HashiCorp/1.0 Terraform/1.13.3 (+https://www.terraform.io) terraform-provider-aws/6.14.1 aws-sdk-go-v2/1.39.2',
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36',
];

const BY_CHANCE = EVENTS.flatMap(([, , weight], index) => new Array(weight).fill(index));

/** What a question needs to know about event i: {service, operation, session, fails}; a session that is undefined is none. */
export function describeEvent(i) {
  const chance = mix(i + 17);
  const event = EVENTS[BY_CHANCE[chance % BY_CHANCE.length]];
  const [service, operation] = event;
  const kind = (chance >>> 5) % 10;
  const block = Math.floor(i / EVENTS_PER_SESSION_BLOCK) * SESSIONS_PER_BLOCK;
  const session = kind < 7 ? block + ((chance >>> 27) % SESSIONS_PER_BLOCK) : undefined;
  return { service, operation, session, fails: (chance >>> 9) % 25 === 0, event, chance, kind };
}

/** Event i as JSON. */
export function writeEvent(call, { number, time, region }) {
  const { event, chance } = call;
  const [source, name, , readOnly, request, response, resourceType] = event;
  const fill = (value) => JSON.parse(JSON.stringify(value).replaceAll('#', String(chance % 997)));
  const [userIdentity, agent, address] = identityOf(call);
  return JSON.stringify({
    eventVersion: '1.11',
    userIdentity,
    eventTime: `${new Date(time).toISOString().slice(0, 19)}Z`,
    eventSource: `${source}.amazonaws.com`,
    eventName: name,
    awsRegion: region,
    sourceIPAddress: address,
    userAgent: agent,
    ...(call.fails ? { errorCode: 'AccessDenied', errorMessage: refusal(userIdentity, source, name) } : {}),
    requestParameters: fill(request),
    responseElements: call.fails ? null : fill(response),
    ...(source === 's3' ? { additionalEventData: s3Data(chance) } : {}),
    requestID: uuid(number, 5),
    eventID: uuid(number, 9),
    readOnly,
    ...(resourceType === undefined ? {} : { resources: [resourceOf(resourceType, source, chance)] }),
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: ACCOUNT,
    eventCategory: 'Management',
    tlsDetails: {
      tlsVersion: 'TLSv1.3',
      cipherSuite: 'TLS_AES_128_GCM_SHA256',
      clientProvidedHostHeader: `${source}.${region}.amazonaws.com`,
    },
  });
}

function identityOf({ session, chance, kind }) {
  const agent = AGENTS[chance % AGENTS.length];
  const address = `203.0.113.${chance % 200}`;
  if (session !== undefined) return [assumedRole(session), agent, address];
  if (kind < 9)
    return [{ type: 'AWSService', invokedBy: 'lambda.amazonaws.com' }, 'lambda.amazonaws.com', 'lambda.amazonaws.com'];
  const user = {
    type: 'IAMUser',
    principalId: 'AIDAEXAMPLEEXAMPLEEXC',
    arn: `arn:aws:iam::${ACCOUNT}:user/backup`,
    accountId: ACCOUNT,
    accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
    userName: 'backup',
  };
  return [user, agent, address];
}

function assumedRole(session) {
  const role = `role-${session % 7}`;
  return {
    type: 'AssumedRole',
    principalId: `AROAEXAMPLEEXAMPLEEX${session % 7}:session-${session}`,
    arn: `arn:aws:sts::${ACCOUNT}:assumed-role/${role}/session-${session}`,
    accountId: ACCOUNT,
    accessKeyId: `ASIAEXAMPLE${String(session).padStart(9, '0')}`,
    sessionContext: {
      sessionIssuer: {
        type: 'Role',
        principalId: `AROAEXAMPLEEXAMPLEEX${session % 7}`,
        arn: `arn:aws:iam::${ACCOUNT}:role/${role}`,
        accountId: ACCOUNT,
        userName: role,
      },
      attributes: { creationDate: '2026-06-01T00:00:00Z', mfaAuthenticated: 'false' },
    },
  };
}

function refusal({ arn = 'lambda.amazonaws.com' }, source, name) {
  return `User: ${arn} is not authorized to perform: ${source}:${name} because no identity-based policy allows the ${source}:${name} action`;
}

function s3Data(chance) {
  return {
    SignatureVersion: 'SigV4',
    CipherSuite: 'TLS_AES_128_GCM_SHA256',
    bytesTransferredIn: 0,
    AuthenticationMethod: 'AuthHeader',
    'x-amz-id-2': uuid(chance, 13).replaceAll('-', ''),
    bytesTransferredOut: chance % 5000,
  };
}

function resourceOf(type, source, chance) {
  return { accountId: ACCOUNT, type, ARN: `arn:aws:${source}:us-east-1:${ACCOUNT}:thing/thing-${chance % 997}` };
}
