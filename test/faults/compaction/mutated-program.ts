import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { ROOT } from '../../commands/run-awsusage.js';

/** One passage of the compiled program and what stands in its place. */
export interface Replacement {
  /** Below dist/. */
  readonly file: string;
  readonly passage: string;
  readonly by: string;
}

const PARTS = ['bin', 'dist', 'package.json', 'oclif.manifest.json'];
const folders: string[] = [];

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/**
 * Copies the program with passages replaced, and gives the folder.
 * @throws Error where a passage is not there exactly once: what it stood for is written in another way now
 */
export function mutateProgram(replacements: readonly Replacement[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'awsusage-test-mutant-'));
  folders.push(folder);
  for (const part of PARTS) cpSync(join(ROOT, part), join(folder, part), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  for (const { file, passage, by } of replacements) {
    const path = join(folder, 'dist', file);
    const parts = readFileSync(path, 'utf8').split(passage);
    if (parts.length !== 2) throw new Error(`${file} has ${parts.length - 1} times, not once: ${passage}`);
    writeFileSync(path, parts.join(by));
  }
  return folder;
}
