'use strict';
// What the program is made of, in a few files: hundreds of small modules take longer to find and load than to run.
const fs = require('node:fs');
const path = require('node:path');

/** What Node or oclif loads by its name, below src/. Everything else is reached from there. */
const ENTRY_POINTS = [
  'cli/main.ts',
  'cli/help.ts',
  'cli/engine-process.ts',
  'dataset/read-ahead-worker.ts',
  'commands',
];

/** The one package that stays outside: it is the engine's native library. */
const NATIVE = '@duckdb/node-bindings';

/** What @oclif/core asks for and goes on without: it runs TypeScript where it is there. */
const ABSENT = ['typescript'];

/** Some bundled packages are CommonJS and ask for what Node has. */
const REQUIRE = [
  "import { createRequire as createBundleRequire } from 'node:module';",
  'const require = createBundleRequire(import.meta.url);',
].join('\n');

/**
 * Bundles the TypeScript below `<root>/src` into `dist`, and lists the licences of the packages that come to lie in it.
 * @param root the project's folder; packages are taken from its node_modules
 * @param dist the folder to write to
 * @param more further files below src/ to be had by their names, besides what the program itself needs
 * @throws Error of esbuild, which names file and line
 */
function bundle({ root, dist, more = [] }) {
  const { buildSync } = require('esbuild');
  const source = path.join(root, 'src');
  const { metafile } = buildSync({
    absWorkingDir: root,
    entryPoints: [...ENTRY_POINTS, ...more].flatMap((entry) => listScripts(path.join(source, entry))),
    outbase: source,
    outdir: dist,
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: [NATIVE, ...ABSENT],
    banner: { js: REQUIRE },
    legalComments: 'none',
    // For `NODE_OPTIONS=--enable-source-maps`: reading them takes time, and the bundle is legible as it is.
    sourcemap: 'linked',
    sourcesContent: false,
    metafile: true,
    logLevel: 'silent',
  });
  fs.writeFileSync(path.join(dist, 'THIRD-PARTY-LICENSES.txt'), listLicences(root, Object.keys(metafile.inputs)));
}

function listScripts(place) {
  if (!fs.statSync(place).isDirectory()) return [place];
  return fs.readdirSync(place).flatMap((name) => listScripts(path.join(place, name)));
}

/** The licence of each package of which a file is in the bundle. */
function listLicences(root, inputs) {
  const packages = new Set(inputs.map((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0]));
  packages.delete(undefined);
  const texts = [...packages].sort().map((folder) => {
    const { name, version, license } = JSON.parse(fs.readFileSync(path.join(root, folder, 'package.json'), 'utf8'));
    const file = fs.readdirSync(path.join(root, folder)).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file === undefined ? '' : fs.readFileSync(path.join(root, folder, file), 'utf8').trim();
    return `${name} ${version} (${license})\n\n${text}\n`;
  });
  return texts.join(`\n${'-'.repeat(80)}\n\n`);
}

module.exports = { bundle };
