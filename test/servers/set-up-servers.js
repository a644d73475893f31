// npm run test:servers:setup: installs the S3 servers that `npm run test:servers` needs into .servers/.
// Both installers take what they have in their caches, and do nothing where all is there.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { findOnPath, SERVER_PROGRAMS, SERVERS_FOLDER } from './server-programs.js';

const WHAT_IS_NEEDED = {
  go: 'Go 1.25 or later',
  python3: 'Python 3.10 or later with its venv module',
};

await main();

async function main() {
  const missing = Object.entries(SERVER_PROGRAMS).filter(([, { installer }]) => findOnPath(installer) === undefined);
  for (const [name, { installer }] of missing)
    console.error(`${name} needs ${installer}, which is not on PATH: install ${WHAT_IS_NEEDED[installer]}.`);
  if (missing.length > 0) {
    process.exitCode = 1;
    return;
  }
  await mkdir(SERVERS_FOLDER, { recursive: true });
  timed('ministack', installMinistack);
  timed('versitygw', installVersitygw);
}

function timed(name, install) {
  const started = Date.now();
  install(SERVER_PROGRAMS[name]);
  console.log(
    `${name} ${SERVER_PROGRAMS[name].version} is there, after ${Math.round((Date.now() - started) / 1000)} s`,
  );
}

function installMinistack({ version }) {
  const folder = join(SERVERS_FOLDER, 'ministack');
  const pip = join(folder, 'bin', 'pip');
  if (!existsSync(pip)) run('python3', ['-m', 'venv', folder]);
  run(pip, ['install', '--quiet', '--disable-pip-version-check', `ministack==${version}`]);
}

function installVersitygw({ version }) {
  // With this flag a vendor folder or a read-only setting of the surroundings has no say.
  const env = { GOBIN: join(SERVERS_FOLDER, 'bin'), GOFLAGS: '-mod=mod' };
  run('go', ['install', `github.com/versity/versitygw/cmd/versitygw@${version}`], env);
}

function run(program, args, env = {}) {
  const { status, error } = spawnSync(program, args, {
    cwd: SERVERS_FOLDER,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status === 0) return;
  console.error(`${program} ${args.join(' ')} failed: ${error?.message ?? `it ended with ${status}`}`);
  process.exit(1);
}
