import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SHARED_DATA = fileURLToPath(new URL('../../../shared/data/', import.meta.url));

/** False where the checkout stands alone: tests on real data are then skipped, and their names say so. */
export const HAS_SHARED_DATA = existsSync(SHARED_DATA);

export function sharedPath(path: string): string {
  return join(SHARED_DATA, path);
}

/** The cases of JSONTestSuite by name: `y_…` is JSON, `n_…` is not, `i_…` may be taken either way. */
export function readSuiteCases(): { name: string; body: Buffer }[] {
  const folder = sharedPath('json-test-suite/test_parsing');
  const names = HAS_SHARED_DATA ? readdirSync(folder).sort() : [];
  return names.map((name) => ({ name: name.replace(/\.json$/, ''), body: readFileSync(join(folder, name)) }));
}

/** Real CloudTrail records, each as JSON without blanks, in the order of the files' names. */
export function readRealRecords(): string[] {
  const folder = sharedPath('invictus-aws-dataset/CloudTrail');
  const names = HAS_SHARED_DATA ? readdirSync(folder).sort() : [];
  return names.flatMap((name) => {
    const { Records } = JSON.parse(readFileSync(join(folder, name), 'utf8')) as { Records: unknown[] };
    return Records.map((record) => JSON.stringify(record));
  });
}
