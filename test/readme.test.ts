import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { SHELLS } from '../src/cli/completion-scripts.js';
import { S3_FLAGS } from '../src/cli/s3-flags.js';
import { EXIT_CODES } from '../src/errors.js';
import { API_CALL_COLUMNS } from '../src/formats/api-call-columns.js';
import { LOG_FORMATS } from '../src/formats/format-catalog.js';
import { OUTPUT_FORMATS } from '../src/output/row-formats.js';
import { listQueries } from '../src/queries/query-catalog.js';
import { templateNames } from '../src/reports/template-catalog.js';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
/** Without the padding of tables. */
const README = readFileSync(join(ROOT, 'README.md'), 'utf8').replace(/ +\|$|(?<=\|[^\n]*) +\|/gm, ' |');
const folder = mkdtempSync(join(tmpdir(), 'awsusage-readme-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function blocks(language: string): string[] {
  return [...README.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(
    ([, body = '']) => body,
  );
}

function awsusage(args: readonly string[], cwd = ROOT) {
  return spawnSync(process.execPath, [join(ROOT, 'bin', 'run.js'), ...args], { cwd, encoding: 'utf8' });
}

/** The words of a shell command line, as the shell itself splits them. */
function words(command: string): string[] {
  return execFileSync('sh', ['-c', `for word in ${command}; do printf '%s\\0' "$word"; done`], {
    cwd: ROOT,
    encoding: 'utf8',
  })
    .split('\0')
    .slice(0, -1);
}

describe('the commands of the README', () => {
  const shown = blocks('console').map((block) => {
    const [first = '', ...output] = block.split('\n');
    return { command: first.replace(/^\$ npx awsusage /, ''), output: output.join('\n') };
  });

  test('there are several', () => expect(shown.length).toBeGreaterThanOrEqual(4));

  test.each(shown)('awsusage $command', ({ command, output }) => {
    const result = awsusage(words(command));
    expect(result.status).toBe(0);
    expect(result.stdout.replaceAll('\r\n', '\n')).toBe(output);
  });

  test('the first one is the one to start with', () => {
    const [first = ''] = blocks('sh');
    expect(first.trim()).toBe(`npm install && npx awsusage ${shown[0]?.command}`);
    expect(blocks('sh')[1]?.trim()).toBe('npm install && npm test');
  });

  test('the accounting is what stderr says, but for the time it took', () => {
    const [accounting = ''] = blocks('text');
    const { stderr } = awsusage(words(shown[0]?.command ?? ''));
    const timeless = (text: string) => text.replace(/in [\d.]+ m?s/, 'in …').trim();
    expect(timeless(stderr)).toBe(timeless(accounting));
  });
});

describe('what the README lists', () => {
  test('all questions, with the summaries of their headers', () => {
    const rows = [...README.matchAll(/^\| `([a-z0-9-]+)` \| (.+?) \|$/gm)].map(([, name, summary]) => ({
      name,
      summary,
    }));
    for (const question of listQueries()) expect(rows).toContainEqual(question);
  });

  test('all columns of api_calls, formats and row formats', () => {
    const row = /^\| `api_calls` \|.*$/m.exec(README)?.[0] ?? '';
    for (const column of Object.keys(API_CALL_COLUMNS)) expect(row).toContain(`\`${column}\``);
    for (const { name, label = name } of LOG_FORMATS)
      expect(README).toContain(`| \`${label}\``.replace('media-event', 'app-event'));
    expect(README).toContain(`--output ${Object.keys(OUTPUT_FORMATS).join('|')}`);
  });

  test('only exit codes that there are', () => {
    const section = README.slice(README.indexOf('| exit code'));
    const codes = [...section.matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code));
    expect(codes).toEqual([0, 1, 2, 3, 4, 70, 130]);
    for (const code of codes) expect(Object.values(EXIT_CODES)).toContain(code);
  });

  test('only flags that there are', () => {
    const manifest = JSON.parse(readFileSync(join(ROOT, 'oclif.manifest.json'), 'utf8')) as {
      commands: Record<string, { flags: Record<string, { allowNo?: boolean }> }>;
    };
    const flags = Object.values(manifest.commands).flatMap(({ flags: all }) =>
      Object.entries(all).flatMap(([name, { allowNo }]) => (allowNo === true ? [name, `no-${name}`] : [name])),
    );
    const parameters = ['columns', 'help', 'quick', 'body-file'];
    const mentioned = [...README.matchAll(/--([a-z][a-z-]*)/g)].map(([, name]) => name);
    expect(mentioned.filter((name = '') => ![...flags, ...parameters].includes(name))).toEqual([]);
  });

  test('only files that there are', () => {
    const files = [...README.matchAll(/`((?:src|test|bin|fixtures)\/[^`<>]*)`/g)].map(([, path = '']) => path);
    expect(files.length).toBeGreaterThan(10);
    expect(files.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });
});

describe('the configurations of the README', () => {
  const [sources = '', formats = ''] = blocks('json');

  test('the sources can be named', () => {
    const config = JSON.parse(sources) as { sources: Record<string, unknown> };
    writeFileSync(join(folder, 'awsusage.config.json'), sources.replaceAll('./logs/', `${ROOT}fixtures/`));
    expect(Object.keys(config.sources)).toEqual(['prod', 'audit', 'trail']);
    const result = awsusage(['query', 'services', 'nothing-there'], folder);
    expect(result.stderr).toContain('prod, audit, trail');
  });

  test('the format works as it stands', () => {
    writeFileSync(join(folder, 'awsusage.config.json'), formats);
    const record = {
      occurredAt: '2026-10-01T06:00:00Z',
      action: 'Refund',
      actor: { id: 'ann' },
      details: { order: 7 },
    };
    writeFileSync(join(folder, 'events.json'), `${JSON.stringify(record)}\n`);
    const result = awsusage(
      ['sql', 'select service, operation, principal, request from api_calls', 'events.json', '--output', 'ndjson'],
      folder,
    );
    expect(JSON.parse(result.stdout)).toEqual({
      service: 'shop',
      operation: 'Refund',
      principal: 'ann',
      request: '{"order":7}',
    });
  });
});

describe('the section about S3', () => {
  const section = README.slice(README.indexOf('## From S3'), README.indexOf('## The second question'));

  test('has all its flags, and the permissions in the policy', () => {
    for (const flag of Object.keys(S3_FLAGS)) expect(section).toContain(`\`--${flag}`);
    const { Statement } = JSON.parse(blocks('json')[2] ?? '') as { Statement: { Action: string }[] };
    expect(Statement.map(({ Action }) => Action)).toEqual(['s3:ListBucket', 's3:GetObject', 'kms:Decrypt']);
  });
});

describe('the section about merging', () => {
  const commands = (blocks('sh').find((block) => block.includes('awsusage compact')) ?? '').trim().split('\n');

  test('its commands work one after the other as they stand', () => {
    const place = mkdtempSync(join(folder, 'merging-'));
    cpSync(join(ROOT, 'fixtures', 'example-bucket', 'json-data'), join(place, 'json-data'), { recursive: true });
    const aWeekAgo = Date.now() / 1000 - 7 * 86_400;
    for (const { parentPath, name } of readdirSync(place, { recursive: true, withFileTypes: true }))
      utimesSync(join(parentPath, name), aWeekAgo, aWeekAgo);
    const results = commands.map((command) => awsusage(words(command.replace(/^awsusage /, '')), place));
    expect(results.map(({ status, stderr }) => (status === 0 ? 'done' : stderr))).toEqual(commands.map(() => 'done'));
    const [, merged, , asked] = results;
    expect(merged?.stderr).toContain('21 merged');
    expect(asked?.stdout).toBe(awsusage(['query', 'top-operations', 'json-data'], place).stdout);
  });
});

describe('the section for scripts', () => {
  const section = README.slice(README.indexOf('## For scripts'), README.indexOf('## Changing it'));

  test('its schemas are printed as it says', () => {
    const commands = (blocks('sh').find((block) => block.includes('awsusage schema')) ?? '').trim().split('\n');
    expect(commands.length).toBeGreaterThan(1);
    for (const command of commands) {
      const { status, stdout } = awsusage(words(command.replace(/^awsusage /, '')));
      expect(status).toBe(0);
      expect(JSON.parse(stdout)).toHaveProperty('title', `${command.replace('schema ', '')} --json`);
    }
  });

  test('its error is what is printed', () => {
    const [, shown = ''] = /^```json\n([\s\S]*?)^```$/m.exec(section) ?? [];
    const [, command = ''] = /`awsusage ([^`]*)` prints/.exec(section) ?? [];
    const { status, stdout } = awsusage(words(command));
    expect({ status, stdout }).toEqual({ status: 2, stdout: shown });
  });

  test('has a line for every shell', () => {
    for (const shell of SHELLS) expect(section).toContain(`awsusage completion ${shell}`);
  });
});

describe('the section about reports', () => {
  const section = README.slice(README.indexOf('## Reports'), README.indexOf('## Output'));
  const commands = (blocks('sh').find((block) => block.includes('awsusage report')) ?? '').trim().split('\n');
  const [own = '', workflow = ''] = [...section.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, body]) => body);
  const place = mkdtempSync(join(folder, 'reports-'));
  cpSync(join(ROOT, 'fixtures', 'example-bucket', 'json-data'), join(place, 'logs'), { recursive: true });

  test('its commands work one after the other as they stand', () => {
    const results = commands.map((command) => awsusage(words(command.replace(/^awsusage /, '')), place));
    expect(results.map(({ status, stderr }) => (status === 0 ? 'done' : stderr))).toEqual(commands.map(() => 'done'));
    expect(readFileSync(join(place, 'october.html'), 'utf8')).toContain('October 2026 (UTC)');
    expect(readFileSync(join(place, 'invoices.metering.csv'), 'utf8')).toContain('principal,period,requests');
  });

  test('names all templates, and the report of one’s own works as it stands', () => {
    for (const name of templateNames()) expect(section).toContain(`| \`${name}\` |`);
    writeFileSync(join(place, 'my-report.yml'), own);
    const result = awsusage(['report', './logs/', '--template', './my-report.yml', '--json'], place);
    const { figures } = JSON.parse(result.stdout) as { figures: { name: string; value: number | null }[] };
    expect(figures.map(({ name, value }) => [name, value])).toEqual([
      ['calls', 478],
      ['errors', 41],
      ['new_operations', null],
    ]);
  });

  /** The steps that are commands, by job. */
  const { jobs } = parse(workflow) as { jobs: Record<string, { steps: { run?: string }[] }> };
  const stepsOf = (job: string) => (jobs[job]?.steps ?? []).flatMap(({ run }) => run ?? []);

  test('the workflow has both jobs, and its reports are commands that work, run by a shell', () => {
    expect(parse(workflow)).toMatchObject({ on: { schedule: [{ cron: '0 8 1 * *' }], pull_request: null } });
    const cron = /^0 8 1 \* \* +awsusage (report .*)$/m.exec(section)?.[1] ?? '';
    const reports = [
      ...Object.keys(jobs)
        .flatMap(stepsOf)
        .filter((run) => run.includes('awsusage report')),
      cron,
    ];
    expect(reports).toHaveLength(3);
    const summary = join(place, 'summary.md');
    cpSync(join(place, 'logs'), join(place, 'captured-calls'), { recursive: true });
    const program = `${process.execPath} ${join(ROOT, 'bin', 'run.js')}`;
    const shell = (command: string, more: string) =>
      spawnSync('sh', ['-e', '-c', `${command.replace(/^(npx awsusage )?/, `${program} `)}${more}`], {
        cwd: place,
        encoding: 'utf8',
        env: { ...process.env, GITHUB_STEP_SUMMARY: summary },
      });
    const local = shell(reports[1] ?? '', '');
    expect([local.status, local.stdout]).toEqual([0, '']);
    expect(readFileSync(join(place, 'report.md'), 'utf8')).toMatch(/^# Calls of the tests\n/);
    expect(readFileSync(summary, 'utf8')).toBe(readFileSync(join(place, 'report.md'), 'utf8'));
    // Their buckets are nobody's here: that they are read as far as their places says that the flags are right.
    for (const command of [reports[0] ?? '', cron]) {
      const result = shell(command, ' --endpoint-url http://127.0.0.1:9 --connect-timeout 1');
      expect(result.stderr).toMatch(/s3:\/\/my-logs\/AWSLogs\//);
    }
  });
});

test('the fixtures that the README names hold what a bucket holds', () => {
  expect(readdirSync(join(ROOT, 'fixtures'))).toContain('example-bucket');
});
