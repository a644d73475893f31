'use strict';
// npm run build: src/ → dist/ and oclif.manifest.json. With --if-stale: only when something that goes in has changed.
// Everything is made in a folder beside dist/ and then renamed, so that two builds at once do not meet and a build that
// fails leaves what was there.
const fs = require('node:fs');
const path = require('node:path');

const ROOT = path.dirname(__dirname);
const DIST = path.join(ROOT, 'dist');
const MANIFEST = path.join(ROOT, 'oclif.manifest.json');
const STAMP = path.join(DIST, '.build-stamp.json');
const INPUTS = ['src', 'bin/build.js', 'bin/bundle.js', 'bin/bundle-schemas.js', 'package.json', 'package-lock.json'];
const WORK_PREFIX = '.build-';
const ABANDONED_AFTER_MS = 3_600_000;

/** A failure whose message says all there is to say. */
class BuildError extends Error {}

main();

function main() {
  if (!fs.existsSync(path.join(ROOT, 'src'))) return;
  if (process.argv.includes('--if-stale') && isFresh()) return;
  const work = path.join(ROOT, `${WORK_PREFIX}${process.pid}-${Date.now().toString(36)}`);
  try {
    removeAbandonedBuilds();
    // Taken before the compiler reads: an edit made meanwhile leaves the build stale, not falsely fresh.
    const inputs = describe(listInputs());
    build(work, inputs);
    publish(work);
  } catch (error) {
    process.stderr.write(`The build failed: ${error instanceof BuildError ? error.message : error.stack}\n`);
    process.exitCode = 1;
  } finally {
    fs.rmSync(work, { recursive: true, force: true });
  }
}

/** True when every input and output is as the last build left it. Looks at sizes and times first, at contents only where these differ. */
function isFresh() {
  const stamp = readStamp();
  if (stamp === undefined) return false;
  const files = listInputs();
  if (files.length !== Object.keys(stamp.inputs).length) return false;
  if (!Object.entries(stamp.outputs).every(([file, size]) => sizeOf(file) === size)) return false;
  const touched = files.filter((file) => !looksSame(file, stamp.inputs[file]));
  if (touched.length === 0) return true;
  const now = describe(touched);
  if (!touched.every((file) => now[file].hash === stamp.inputs[file]?.hash)) return false;
  writeFileWhole(STAMP, JSON.stringify({ ...stamp, inputs: { ...stamp.inputs, ...now } }));
  return true;
}

function readStamp() {
  try {
    return JSON.parse(fs.readFileSync(STAMP, 'utf8'));
  } catch {
    return undefined;
  }
}

function listInputs() {
  return INPUTS.flatMap((input) => listFiles(ROOT, input)).sort();
}

/** All files at or below `start`, as paths relative to `base` with `/` between the parts. */
function listFiles(base, start) {
  const stat = fs.statSync(path.join(base, start), { throwIfNoEntry: false });
  if (stat === undefined) return [];
  if (!stat.isDirectory()) return [start];
  return fs
    .readdirSync(path.join(base, start))
    .flatMap((name) => listFiles(base, start === '' ? name : `${start}/${name}`));
}

function looksSame(file, described) {
  const stat = fs.statSync(path.join(ROOT, file), { throwIfNoEntry: false });
  return described !== undefined && stat?.size === described.size && stat.mtimeMs === described.mtimeMs;
}

function sizeOf(file) {
  return fs.statSync(path.join(ROOT, file), { throwIfNoEntry: false })?.size;
}

function describe(files) {
  const { createHash } = require('node:crypto');
  return Object.fromEntries(
    files.map((file) => {
      const { size, mtimeMs } = fs.statSync(path.join(ROOT, file));
      const hash = createHash('sha256')
        .update(fs.readFileSync(path.join(ROOT, file)))
        .digest('hex');
      return [file, { size, mtimeMs, hash }];
    }),
  );
}

/** Builds everything below `work`, which has the shape of the package: package.json, dist/, oclif.manifest.json. */
function build(work, inputs) {
  fs.mkdirSync(work);
  fs.copyFileSync(path.join(ROOT, 'package.json'), path.join(work, 'package.json'));
  bundleProgram(path.join(work, 'dist'));
  copyFiles(path.join(ROOT, 'src', 'queries'), path.join(work, 'dist', 'queries'), '.sql');
  copyFiles(path.join(ROOT, 'src', 'reports', 'templates'), path.join(work, 'dist', 'reports'), '.yml');
  bundleSchemas(path.join(ROOT, 'src', 'schemas'), path.join(work, 'dist', 'schemas'));
  compileKernel(path.join(work, 'dist', 'records', 'scan-rows.wasm'));
  runNode('oclif', 'bin/run.js', ['manifest'], work);
  const outputs = [...listFiles(work, 'dist'), 'oclif.manifest.json'];
  const sizes = Object.fromEntries(outputs.map((file) => [file, fs.statSync(path.join(work, file)).size]));
  fs.writeFileSync(path.join(work, 'dist', path.basename(STAMP)), JSON.stringify({ inputs, outputs: sizes }));
}

/** A fault in the program is said as esbuild says it: with file and line. */
function bundleProgram(dist) {
  requirePackage('esbuild');
  try {
    require('./bundle.js').bundle({ root: ROOT, dist });
  } catch (error) {
    throw Array.isArray(error?.errors) ? new BuildError(error.message) : error;
  }
}

/** The part of the reader that is WebAssembly is written in AssemblyScript. */
function compileKernel(file) {
  const source = path.join(ROOT, 'src', 'records', 'kernel', 'scan-rows.ts');
  const options = ['-O3', '--runtime', 'stub', '--importMemory', '--enable', 'simd', '--noAssert'];
  runNode('assemblyscript', 'bin/asc.js', [path.relative(ROOT, source), '--outFile', file, ...options], ROOT);
}

/** Runs the program of an installed package, so that nothing is looked up in PATH or downloaded. */
function runNode(packageName, program, args, cwd) {
  const { spawnSync } = require('node:child_process');
  const script = path.join(ROOT, 'node_modules', packageName, program);
  requirePackage(packageName);
  const env = { ...process.env, NODE_ENV: 'production', OCLIF_SKIP_NEW_VERSION_CHECK: 'true' };
  const child = spawnSync(process.execPath, [script, ...args], { cwd, env, encoding: 'utf8' });
  if (child.status === 0) return;
  const said = `${child.stdout ?? ''}${child.stderr ?? ''}`.trim();
  throw new BuildError(
    `${path.basename(program)} of ${packageName} ended with ${child.status ?? child.signal ?? child.error?.message}\n${said}`,
  );
}

function requirePackage(name) {
  if (fs.existsSync(path.join(ROOT, 'node_modules', name))) return;
  throw new BuildError(`${name} is not installed. Run \`npm install\` (with development dependencies) in ${ROOT}.`);
}

function copyFiles(from, to, ending) {
  const files = fs.readdirSync(from).filter((name) => name.endsWith(ending));
  fs.mkdirSync(to, { recursive: true });
  for (const file of files) fs.copyFileSync(path.join(from, file), path.join(to, file));
}

/** What is wrong with a schema is said with its file. */
function bundleSchemas(from, to) {
  try {
    require('./bundle-schemas.js').bundleSchemas(from, to);
  } catch (error) {
    throw new BuildError(error.message);
  }
}

function publish(work) {
  fs.renameSync(path.join(work, 'oclif.manifest.json'), MANIFEST);
  for (let attempt = 1; ; attempt += 1) {
    try {
      if (fs.existsSync(DIST)) fs.renameSync(DIST, path.join(work, `old-${attempt}`));
    } catch (error) {
      if (error.code !== 'ENOENT') throw error;
    }
    try {
      return fs.renameSync(path.join(work, 'dist'), DIST);
    } catch (error) {
      // Another build put its dist/ there between the two renames.
      if (!['ENOTEMPTY', 'EEXIST'].includes(error.code) || attempt === 10) throw error;
    }
  }
}

function writeFileWhole(file, text) {
  const beside = `${file}.${process.pid}`;
  fs.writeFileSync(beside, text);
  fs.renameSync(beside, file);
}

function removeAbandonedBuilds() {
  for (const name of fs.readdirSync(ROOT).filter((entry) => entry.startsWith(WORK_PREFIX))) {
    const stat = fs.statSync(path.join(ROOT, name), { throwIfNoEntry: false });
    const old = stat !== undefined && Date.now() - stat.mtimeMs > ABANDONED_AFTER_MS;
    if (old) fs.rmSync(path.join(ROOT, name), { recursive: true, force: true });
  }
}
