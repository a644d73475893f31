import { startTestS3 } from '../s3/s3-server.js';
import { REAL_SERVERS, startRealServer } from './real-servers.js';

/** All that the suites run against: the server of the tests themselves, in this process, and those of other makers. */
export const EVERY_SERVER = ['in-process', ...REAL_SERVERS] as const;
export type ServerName = (typeof EVERY_SERVER)[number];

export interface Server {
  readonly name: ServerName;
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  stop(): Promise<void>;
}

/** Starts one of them, empty. */
export async function startServer(name: ServerName): Promise<Server> {
  if (name !== 'in-process') return startRealServer(name);
  const { endpoint, credentials, close } = await startTestS3();
  return { name, endpoint, region: 'us-east-1', credentials, stop: close };
}
