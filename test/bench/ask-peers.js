// What others need for the same answer; each is checked in every run. A peer: {name, goal, run, or missing: true}.
import { readdirSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ROOT } from './ask-awsusage.js';
import { checkAnswer } from './check-answer.js';
import { AnswerCount } from './count-answer.js';
import { runNode, runProgram } from './measure.js';
import { findPeer, PEERS_FOLDER, PYTHON } from './peer-programs.js';

/** A hand-written program of Node in peers/ that prints its answer as JSON. */
export function nodePeer({ name, goal, args, answer, env }) {
  const [script, ...more] = args;
  return {
    name,
    goal,
    run: () => runChecked(() => runNode([pathOf(script), ...more], { cwd: ROOT, env }), answer, name),
  };
}

/** A hand-written program of Python in peers/ that asks chDB and prints its answer as JSON. */
export function chdbPeer({ name, goal, args, answer, env }) {
  if (findPeer('chdb') === undefined) return { name, goal, missing: true };
  const [script, ...more] = args;
  const run = () => runProgram([PYTHON, '-B', pathOf(script), ...more], { cwd: ROOT, env });
  return { name, goal, run: () => runChecked(run, answer, name) };
}

/** trailscraper prints all records: what they say is counted outside of the measured time. */
export function trailscraperPeer({ goal, data }) {
  const name = 'trailscraper select';
  if (findPeer('trailscraper') === undefined) return { name, goal, missing: true };
  const program = join(PEERS_FOLDER, 'bin', 'trailscraper');
  return {
    name,
    goal,
    async run() {
      const ran = await runProgram([program, 'select', '--log-dir', data.path, '--to', '2100-01-01'], { cwd: ROOT });
      const { Records } = JSON.parse(ran.stdout);
      checkAnswer(Records.length, data.delivered, name);
      checkAnswer(answerOfRecords(Records), data.answer, name);
      return { ms: ran.ms };
    },
  };
}

/** Copies all objects of a bucket to an empty folder, which answers nothing yet. */
export function s5cmdPeer(options, { goal, source, env, objects, bytes }) {
  const name = 's5cmd cp alone';
  const program = findPeer('s5cmd');
  if (program === undefined) return { name, goal, missing: true };
  const run = async () => {
    const folder = await mkdtemp(join(options.data, 'copied-'));
    try {
      const args = ['--log', 'error', '--endpoint-url', env.AWS_ENDPOINT_URL, 'cp', `${source}*`, `${folder}/`];
      const { ms } = await runProgram([program, ...args], { cwd: folder, env });
      checkAnswer(sizeOf(folder), { objects, bytes }, name);
      return { ms };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };
  return { name, goal, run };
}

async function runChecked(run, answer, name) {
  const ran = await run();
  checkAnswer(JSON.parse(ran.stdout), answer, name);
  return ran;
}

function answerOfRecords(records) {
  const count = new AnswerCount();
  for (const record of new Map(records.map((one) => [one.eventID, one])).values()) {
    const { accessKeyId = '' } = record.userIdentity;
    count.add({
      service: record.eventSource.replace('.amazonaws.com', ''),
      operation: record.eventName,
      session: accessKeyId.startsWith('ASIA') ? accessKeyId : undefined,
      fails: record.errorCode !== undefined,
    });
  }
  return count.answer();
}

function sizeOf(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const bytes = entries.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
  return { objects: entries.length, bytes };
}

function pathOf(script) {
  return fileURLToPath(new URL(`peers/${script}`, import.meta.url));
}
