import { mkdir, mkdtemp, readFile, readdir, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import ts from 'typescript';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** The rooms that tests in child processes import. */
const SOURCES = ['src/errors.ts', 'src/cli', 'src/output', 'src/dataset/accounting.ts'];

/**
 * Compiles the rooms that a child process needs into a folder of its own, so that these tests need no build. Gives the folder;
 * `write` puts a script into it, which imports `./cli/….js`.
 */
export async function compileSource(): Promise<{
  folder: string;
  write(name: string, script: string): Promise<string>;
}> {
  const folder = await mkdtemp(join(tmpdir(), 'awsusage-test-source-'));
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  for (const file of (await Promise.all(SOURCES.map(listFiles))).flat()) await compile(file, folder);
  return {
    folder,
    async write(name, script) {
      const path = join(folder, name);
      await writeFile(path, script);
      return path;
    },
  };
}

async function listFiles(source: string): Promise<readonly string[]> {
  if (source.endsWith('.ts')) return [source];
  const names = await readdir(join(ROOT, source));
  return names.filter((name) => name.endsWith('.ts')).map((name) => join(source, name));
}

async function compile(file: string, folder: string): Promise<void> {
  const { outputText } = ts.transpileModule(await readFile(join(ROOT, file), 'utf8'), {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true },
  });
  const target = join(folder, file.replace(/^src\//, '').replace(/\.ts$/, '.js'));
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, outputText);
}
