// Programs of other makers that rows compare with, in a folder of the bench's own.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A virtual environment of Python that `npm run bench:peers` makes; git does not see it. */
export const PEERS_FOLDER = fileURLToPath(new URL('../../.bench/peers/', import.meta.url));
export const NOT_INSTALLED = 'peer not installed: npm run bench:peers';
export const PYTHON = join(PEERS_FOLDER, 'bin', 'python');

/** By name: the version of the package that comparisons were written against, and its file below the packages of the environment. */
export const PEER_PACKAGES = {
  chdb: { version: '4.4.0', file: 'chdb/__init__.py' },
  trailscraper: { version: '0.10.0', file: 'trailscraper/cli.py' },
  s5cmd: { version: '0.3.3', file: 's5cmd/bin/s5cmd' },
};

/** Where a peer's file is, or undefined where it is not installed. */
export function findPeer(name) {
  const libraries = join(PEERS_FOLDER, 'lib');
  if (!existsSync(PYTHON) || !existsSync(libraries)) return undefined;
  return readdirSync(libraries)
    .map((python) => join(libraries, python, 'site-packages', PEER_PACKAGES[name].file))
    .find((file) => existsSync(file));
}
