import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

/** The package's folder. A bundled module cannot tell it from where it lies itself, but Node finds its package. */
const ROOT = pathToFileURL(createRequire(import.meta.url).resolve('#package'));

/** Where a file or folder of the installed package lies, by its path below the package's folder. */
export function packageFile(path: string): URL {
  return new URL(path, ROOT);
}
