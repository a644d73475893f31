import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Brings dist/ up to date once, before any test starts the program. */
export function setup(): void {
  const root = fileURLToPath(new URL('../', import.meta.url));
  execFileSync(process.execPath, ['bin/build.js', '--if-stale'], { cwd: root, stdio: 'inherit' });
}
