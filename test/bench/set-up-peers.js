// npm run bench:peers: installs the programs from PyPI that `npm run bench` compares with into .bench/peers/. Each that is
// there is left alone, and each that cannot be had is named; the rows that need it say so and the bench goes on.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { findPeer, PEER_PACKAGES, PEERS_FOLDER, PYTHON } from './peer-programs.js';

await main();

async function main() {
  await mkdir(PEERS_FOLDER, { recursive: true });
  const missing = makeEnvironment() ? Object.keys(PEER_PACKAGES).filter((name) => !install(name)) : undefined;
  if (missing === undefined)
    console.error('There is no Python 3.10 or later with its venv module: no peer was installed.');
  else if (missing.length > 0) console.error(`Not installed: ${missing.join(', ')}. pip's reasons are above.`);
  if (missing === undefined || missing.length > 0) process.exitCode = 1;
}

function makeEnvironment() {
  return existsSync(PYTHON) || run('python3', ['-m', 'venv', PEERS_FOLDER]);
}

function install(name) {
  const wanted = `${name}==${PEER_PACKAGES[name].version}`;
  const started = Date.now();
  const isThere =
    run(PYTHON, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', wanted]) &&
    findPeer(name) !== undefined;
  const seconds = Math.round((Date.now() - started) / 1000);
  if (isThere) console.log(`${wanted} is there, after ${seconds} s`);
  else console.error(`${wanted} could not be installed.`);
  return isThere;
}

function run(program, args) {
  return spawnSync(program, args, { stdio: ['ignore', 'inherit', 'inherit'] }).status === 0;
}
