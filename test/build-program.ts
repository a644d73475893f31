import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';

const ROOT = fileURLToPath(new URL('../', import.meta.url));

/** What a program consists of besides the bundle, which is made anew. */
const PARTS = ['bin', 'src', 'package.json', 'oclif.manifest.json', 'dist/queries', 'dist/records'];

/** One passage of a source and what stands in its place. */
export interface Replacement {
  /** Below src/. */
  readonly file: string;
  readonly passage: string;
  readonly by: string;
}

export interface ProgramOptions {
  readonly replacements?: readonly Replacement[];
  /** Files below src/ that can be imported from the program's `dist` by their own names. */
  readonly more?: readonly string[];
}

type Bundle = (options: { root: string; dist: string; more: readonly string[] }) => void;

const { bundle } = createRequire(import.meta.url)('../bin/bundle.js') as { bundle: Bundle };
const folders: string[] = [];

afterAll(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/**
 * Builds a program of the sources as `npm run build` does, with passages replaced or more files to import, and gives its
 * folder. It is removed after the tests of the file.
 * @throws Error where a passage is not there exactly once: what it stood for is written in another way now
 */
export function buildProgram({ replacements = [], more = [] }: ProgramOptions): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'awsusage-test-program-')));
  folders.push(folder);
  for (const part of PARTS) cpSync(join(ROOT, part), join(folder, part), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  for (const { file, passage, by } of replacements) {
    const path = join(folder, 'src', file);
    const parts = readFileSync(path, 'utf8').split(passage);
    if (parts.length !== 2) throw new Error(`${file} has ${parts.length - 1} times, not once: ${passage}`);
    writeFileSync(path, parts.join(by));
  }
  bundle({ root: folder, dist: join(folder, 'dist'), more });
  return folder;
}
