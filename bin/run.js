#!/usr/bin/env node
'use strict';
// CommonJS on purpose: the thread pool takes its size when it is first used, which in an ESM entry has already happened.
// Old syntax on purpose: this file has to be understood by the Node versions that it turns away.

var NEEDED = [20, 18, 1];

function isOldNode(version) {
  var parts = version.split('.').map(Number);
  for (var i = 0; i < NEEDED.length; i += 1) {
    if (parts[i] !== NEEDED[i]) return parts[i] < NEEDED[i];
  }
  return false;
}

function stop(message) {
  process.stderr.write(message + '\n');
  process.exit(2);
}

if (isOldNode(process.versions.node)) {
  stop(
    'awsusage needs Node ' +
      NEEDED.join('.') +
      ' or newer; this is Node ' +
      process.versions.node +
      ' (' +
      process.execPath +
      ').',
  );
}

// A running query holds a thread of this pool; with the usual four, file reads and unpacking would wait for it.
if (process.env.UV_THREADPOOL_SIZE === undefined) process.env.UV_THREADPOOL_SIZE = '16';

var fs = require('node:fs');
var os = require('node:os');
var path = require('node:path');

// In a container the user may be a mere number, without an entry in the password file, where the home folder and the shell of a
// user are looked up that the environment does not tell. These are what Docker says for such a one, too.
function stateUnlessKnown(name, lookUp, value) {
  if (process.env[name]) return;
  try {
    lookUp();
  } catch (error) {
    process.env[name] = value;
  }
}
stateUnlessKnown('HOME', os.homedir, '/');
stateUnlessKnown('SHELL', os.userInfo, '/bin/sh');

var root = path.dirname(__dirname);
if (!fs.existsSync(path.join(root, 'dist', 'cli', 'main.js'))) {
  stop('awsusage is not built yet. Run `npm install` (or `npm run build`) in ' + root + ', then try again.');
}

// Beside the package, not in the shared temporary folder, where somebody else could put code. Failing is harmless.
var nodeModule = require('node:module');
if (nodeModule.enableCompileCache) {
  var inNodeModules = path.basename(path.dirname(root)) === 'node_modules';
  var modules = inNodeModules ? path.dirname(root) : path.join(root, 'node_modules');
  nodeModule.enableCompileCache(path.join(modules, '.cache', 'awsusage'));
}

import('../dist/cli/main.js')
  .then(function (main) {
    return main.main(process.argv.slice(2));
  })
  .catch(function (error) {
    process.stderr.write('awsusage could not start: ' + ((error && error.stack) || error) + '\n');
    process.exitCode = 70;
  });
