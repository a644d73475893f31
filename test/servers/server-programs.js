// The S3 servers of other makers that tests run against, and where their programs are.
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where `npm run test:servers:setup` puts the programs: a folder of the checkout that git does not see. */
export const SERVERS_FOLDER = fileURLToPath(new URL('../../.servers/', import.meta.url));

/**
 * By name: the version that tests are written against, the tool that installs it, the program below SERVERS_FOLDER, and
 * the command line and environment of a server on `port` of 127.0.0.1 that keeps everything in `folder`, which is empty.
 */
export const SERVER_PROGRAMS = {
  versitygw: {
    version: 'v1.8.0',
    installer: 'go',
    program: 'bin/versitygw',
    health: '/health',
    credentials: { accessKeyId: 'test', secretAccessKey: 'testtest' },
    folders: ['objects', 'versions'],
    args: ({ port, folder }) => [
      ...['--port', `127.0.0.1:${port}`, '--access', 'test', '--secret', 'testtest'],
      ...['--health', '/health', '--quiet', '--keep-alive'],
      ...['posix', '--versioning-dir', join(folder, 'versions'), join(folder, 'objects')],
    ],
    env: () => ({}),
  },
  ministack: {
    version: '1.5.33',
    installer: 'python3',
    program: 'ministack/bin/ministack',
    health: '/_ministack/health',
    credentials: { accessKeyId: 'test', secretAccessKey: 'testtest' },
    folders: ['state', 'objects', 'temporary'],
    args: () => [],
    env: ({ port, folder }) => ({
      BIND_HOST: '127.0.0.1',
      GATEWAY_PORT: String(port),
      LOG_LEVEL: 'WARNING',
      STATE_DIR: join(folder, 'state'),
      S3_DATA_DIR: join(folder, 'objects'),
      TMPDIR: join(folder, 'temporary'),
    }),
  },
};

/** The path of a server's program, the one of SERVERS_FOLDER before one on PATH; undefined where there is neither. */
export function findServerProgram(name) {
  return [join(SERVERS_FOLDER, SERVER_PROGRAMS[name].program), ...onPath(name)].find(isProgram);
}

/** The path of a program on PATH, or undefined. */
export function findOnPath(program) {
  return onPath(program).find(isProgram);
}

function onPath(program) {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, program));
}

function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
