import childProcess from 'node:child_process';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

// Preloaded into a program (`node --import`): counts the calls by which it changes files and asks its engine, and dies, stops
// or waits before, in the middle of, or after one of them. What is to happen is in the environment:
// {within: folder, log?: file, rules: [{at?: number, call?: name, path?: regular expression, phase, what, gate?: file}]}

const { within, log, rules } = JSON.parse(process.env.AWSUSAGE_TEST_CALLS);
delete process.env.AWSUSAGE_TEST_CALLS;

const PROMISED = ['mkdir', 'writeFile', 'link', 'unlink', 'rm', 'rename', 'open'];
const AT_ONCE = ['writeFileSync', 'appendFileSync', 'openSync', 'rmSync', 'mkdirSync', 'unlinkSync', 'renameSync'];

const { appendFileSync, existsSync, writeFileSync } = fs;
let count = 0;
/** Calls are made of other calls, which do not count. */
let isInside = false;

for (const name of PROMISED) {
  const original = fs.promises[name];
  fs.promises[name] = async (...args) => {
    const isPair = name === 'link' || name === 'rename';
    const rule = arrive(name, args[0], isPair ? `${args[0]} ${args[1]}` : args[0]);
    const half = () => (name === 'writeFile' ? original(args[0], halfOf(args[1]), ...args.slice(2)) : undefined);
    return strike(rule, () => original(...args), half);
  };
}

for (const name of AT_ONCE) {
  const original = fs[name];
  fs[name] = (...args) => {
    if (isInside) return original(...args);
    const rule = arrive(name, args[0], args[0]);
    if (rule?.phase === 'before' || rule?.phase === 'middle') happen(rule);
    const result = alone(() => original(...args));
    if (rule?.phase === 'after') happen(rule);
    return result;
  };
}

const handle = await fs.promises.open(process.execPath, 'r');
const files = Object.getPrototypeOf(handle);
const { sync } = files;
files.sync = function () {
  return strike(arrive('sync', within, ''), () => sync.call(this));
};
await handle.close();

const { fork } = childProcess;
childProcess.fork = (...args) => {
  const child = fork(...args);
  const send = child.send.bind(child);
  child.send = (...message) => {
    const rule = arrive('send', within, '');
    if (rule?.phase === 'before') happen(rule);
    const result = send(...message);
    if (rule?.phase === 'middle') setTimeout(() => happen(rule), 3);
    if (rule?.phase === 'after') setTimeout(() => happen(rule), 15);
    return result;
  };
  return child;
};

syncBuiltinESMExports();

function arrive(call, path, shown) {
  const text = Buffer.isBuffer(path) ? path.toString('latin1') : String(path);
  if (!text.startsWith(within)) return undefined;
  count += 1;
  const label = `${call} ${String(shown).replaceAll(within, '')}`;
  if (log !== undefined) alone(() => appendFileSync(log, `${label}\n`));
  return rules.find((rule) => {
    if (rule.at !== undefined && rule.at !== count) return false;
    if (rule.call !== undefined && rule.call !== call) return false;
    if (rule.path !== undefined && !new RegExp(rule.path).test(label)) return false;
    return !rule.isUsed && (rule.isUsed = true);
  });
}

async function strike(rule, work, half = () => undefined) {
  if (rule?.phase === 'before') happen(rule);
  if (rule?.phase !== 'middle') {
    const result = await work();
    if (rule?.phase === 'after') happen(rule);
    return result;
  }
  // A write is done by half; of anything else nobody knows how far it came.
  const begun = half() ?? void work().catch(() => undefined);
  await begun;
  happen(rule);
  return begun === undefined ? undefined : work();
}

function alone(work) {
  isInside = true;
  try {
    return work();
  } finally {
    isInside = false;
  }
}

function halfOf(bytes) {
  const whole = Buffer.from(bytes);
  return whole.subarray(0, whole.length >> 1);
}

function happen({ what, gate }) {
  if (what === 'kill') process.kill(process.pid, 'SIGKILL');
  if (what === 'stop') process.kill(process.pid, 'SIGSTOP');
  if (gate === undefined) return;
  alone(() => writeFileSync(`${gate}.reached`, ''));
  const nobody = new Int32Array(new SharedArrayBuffer(4));
  while (!existsSync(`${gate}.open`)) Atomics.wait(nobody, 0, 0, 5);
}
