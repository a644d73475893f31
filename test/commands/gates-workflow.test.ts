import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { DIMENSION_NAMES } from '../../src/calls/call-dimensions.js';
import { parseNormalRules } from '../../src/calls/parse-normal-rules.js';
import { parseConfig } from '../../src/cli/parse-config.js';
import { CONDITION_COLUMNS } from '../../src/expectations/expectation.js';
import { newFolder, ROOT } from './run-awsusage.js';

const README = readFileSync(join(ROOT, 'README.md'), 'utf8');

describe('the section of the README about gates', () => {
  const gates = README.slice(README.indexOf('## Gates for pipelines'), README.indexOf('## Output'));
  const [workflow = '', expectations = ''] = [...gates.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(
    ([, text = '']) => text,
  );
  const { jobs } = parse(workflow) as { jobs: { calls: { steps: readonly { run?: string }[] } } };
  const steps = jobs.calls.steps.flatMap(({ run }) => run ?? []);
  const STORES = `{"service":"s3","operation":"PutObject","request":{"Bucket":"results","Key":"out/1.json"}}`;
  const SENDS = `{"service":"sqs","operation":"SendMessage","request":{"QueueUrl":"q"}}`;

  /** A fresh repository with a program whose calls are these. */
  function newRepository(): string {
    const place = newFolder();
    execFileSync('git', ['init', '--quiet'], { cwd: place });
    writeFileSync(join(place, 'expectations.yml'), expectations);
    mkdirSync(join(place, 'programs'));
    // What npm would fetch is this checkout.
    writeFileSync(
      join(place, 'programs', 'npx'),
      `#!/bin/sh\nshift\nexec "${process.execPath}" "${join(ROOT, 'bin', 'run.js')}" "$@"\n`,
    );
    chmodSync(join(place, 'programs', 'npx'), 0o755);
    return place;
  }

  function programThatCalls(place: string, calls: readonly string[]): void {
    const lines = calls.map((call) =>
      JSON.stringify({
        timestamp: '2026-10-01T06:00:00',
        session_id: 's',
        status_code: 200,
        ...(JSON.parse(call) as object),
      }),
    );
    const script = `#!/bin/sh\nmkdir -p calls\ncat > calls/calls.json <<'END'\n${lines.join('\n')}\nEND\n`;
    writeFileSync(join(place, 'run-tests.sh'), script);
    chmodSync(join(place, 'run-tests.sh'), 0o755);
  }

  /** Runs the steps as a runner does, up to the first that fails. */
  function runSteps(place: string, env: Readonly<Record<string, string>>) {
    const said: string[] = [];
    for (const step of steps) {
      const path = `${join(place, 'programs')}:${process.env['PATH'] ?? ''}`;
      const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => name !== 'CI'));
      const options = { cwd: place, encoding: 'utf8', env: { ...own, ...env, PATH: path } } as const;
      const { status, stdout, stderr } = spawnSync('bash', ['-e', '-c', step], options);
      said.push(stdout, stderr);
      if (status !== 0) return { failed: step, status, said: said.join('') };
    }
    return { failed: undefined, status: 0, said: said.join('') };
  }

  test('has a workflow of these steps', () => {
    expect(steps.map((step) => step.split(' ').slice(0, 3).join(' '))).toEqual([
      './run-tests.sh',
      'npx awsusage snapshot',
      'npx awsusage assert',
    ]);
  });

  test('its steps make the snapshot, pass with it, and fail where the program changes', () => {
    const place = newRepository();
    programThatCalls(place, [STORES]);
    const early = runSteps(place, { CI: 'true' });
    expect(early).toMatchObject({ failed: steps[1], status: 1 });
    expect(early.said).toContain('There is no snapshot calls.snapshot.json to compare with, and on CI none is made');
    const first = runSteps(place, {});
    expect(first).toMatchObject({ failed: undefined });
    expect(first.said).toContain('calls.snapshot.json is new, with 1 kind of calls');
    execFileSync('git', ['add', 'calls.snapshot.json'], { cwd: place });
    expect(runSteps(place, { CI: 'true' })).toMatchObject({ failed: undefined });
    expect(execFileSync('git', ['diff', '--name-only'], { cwd: place, encoding: 'utf8' })).toBe('');
    programThatCalls(place, [STORES, SENDS]);
    const changed = runSteps(place, { CI: 'true' });
    expect(changed).toMatchObject({ failed: steps[1], status: 1 });
    expect(changed.said).toContain('│ added  │ sqs     │ SendMessage │ 1 call │');
    expect(changed.said).toContain('Calls are not those of calls.snapshot.json: 1 added.');
    const [, accepting = ''] = /Where that is meant: (awsusage .*)/.exec(changed.said) ?? [];
    expect(
      spawnSync('bash', ['-c', `npx ${accepting}`], {
        cwd: place,
        env: { ...process.env, PATH: `${join(place, 'programs')}:${process.env['PATH'] ?? ''}` },
      }).status,
    ).toBe(0);
    const accepted = runSteps(place, { CI: 'true' });
    expect(accepted).toMatchObject({ failed: steps[2], status: 1 });
    expect(readFileSync(join(place, 'calls.xml'), 'utf8')).toContain('<testcase name="nothing but storage"');
  });

  test('has all conditions and flags', () => {
    for (const column of CONDITION_COLUMNS) expect(gates).toContain(`\`@${column}`);
    for (const dimension of DIMENSION_NAMES) expect(gates).toContain(`\`${dimension}\``);
    const config = parseConfig(JSON.parse(/```json\n([\s\S]*?)```/.exec(gates)?.[1] ?? ''), {
      path: '/c.json',
      home: '/',
    });
    expect(parseNormalRules(config.snapshots).map(({ name }) => name)).toContain('order');
  });
});
