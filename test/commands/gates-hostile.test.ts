import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { XMLValidator } from 'fast-xml-parser';
import { describe, expect, test } from 'vitest';
import { dangerIn } from '../output/dangerous-characters.js';
import { HOSTILE_STRINGS } from '../output/hostile-strings.js';
import { apiCall, cloudtrailRecord } from './made-calls.js';
import { awsusage, newFolder } from './run-awsusage.js';
import { SEED, seedLogs } from './seeded-secrets.js';

const BY = ['--by', 'service,operation,resource,principal,account,region,error_code,user_agent'];

describe.concurrent('hostile values', () => {
  const TEXTS = [...new Set(HOSTILE_STRINGS.map((text) => Buffer.from(text).toString()))];
  const records = TEXTS.map((text) =>
    cloudtrailRecord({
      eventName: text,
      awsRegion: text,
      errorCode: text,
      errorMessage: text,
      userAgent: text,
      userIdentity: { arn: text },
      eventSource: 's3.amazonaws.com',
      requestParameters: { bucketName: text, key: text },
    }),
  );
  const folder = newFolder({
    'calls/a.json': JSON.stringify({ Records: records }),
    'calm/a.json': JSON.stringify({ Records: [cloudtrailRecord()] }),
  });
  const run = (args: readonly string[]) => awsusage(args, { cwd: folder });

  test('are one line of a snapshot each, which is read back as the same calls', async () => {
    const made = await run(['snapshot', 'calls', '--to', 'calls.json', ...BY, '--counts', 'exact']);
    expect([made.code, dangerIn(made.stderr, '\n')]).toEqual([0, []]);
    const text = readFileSync(join(folder, 'calls.json'), 'utf8');
    expect(dangerIn(text, '\n')).toEqual([]);
    expect((JSON.parse(text) as unknown[]).length).toBe(text.trimEnd().split('\n').length - 1);
    expect(await run(['snapshot', 'calls', '--check', 'calls.json'])).toMatchObject({ code: 0, stdout: '' });
  });

  test.each(['table', 'markdown', 'csv', 'json'])('do nothing in a difference as %s', async (output) => {
    const { stdout, stderr, code } = await run(['diff', 'calm', 'calls', ...BY, '-o', output, '--exit-code']);
    expect(code).toBe(1);
    expect([dangerIn(stdout, output === 'csv' ? '\t\r\n' : '\n'), dangerIn(stderr, '\n')]).toEqual([[], []]);
    expect(stdout.length).toBeGreaterThan(1000);
  });

  test.each(['table', 'markdown', 'junit', 'tap'])('do nothing as %s of assert', async (output) => {
    const own = HOSTILE_STRINGS.filter((text) => !text.includes('\0')).map(
      (text) => `s3:* @region=${JSON.stringify(text).slice(0, 1)}${text.replace(/["\\]/g, '\\$&')}" = 0`,
    );
    const flags = ['--no-errors', '--deny', '*', ...own.flatMap((text) => ['--expect', text])];
    const { stdout, stderr, code } = await run(['assert', 'calls', ...flags, '-o', output]);
    expect(code).toBe(1);
    expect([dangerIn(stdout, output === 'csv' ? '\t\r\n' : '\n'), dangerIn(stderr, '\n')]).toEqual([[], []]);
    if (output === 'junit') expect(XMLValidator.validate(stdout)).toBe(true);
  });

  test('match what they are', async () => {
    const texts = TEXTS.filter((text) => !text.includes('\0'));
    const file = texts.map((text) => ({ expect: `s3:* @region="${text.replace(/["\\]/g, '\\$&')}"` }));
    writeFileSync(join(folder, 'e.yml'), JSON.stringify(file));
    expect((await run(['assert', 'calls', '--file', 'e.yml'])).code).toBe(0);
  });
});

describe.concurrent('seeded secrets', () => {
  const { files } = seedLogs();
  const folder = newFolder({
    ...Object.fromEntries(Object.entries(files).map(([path, content]) => [join('logs', path), content])),
    'none/a.json': apiCall(),
  });
  const commands = [
    ['snapshot', 'logs', ...BY, '--allow-partial'],
    ...['table', 'csv', 'json'].map((output) => ['diff', 'none', 'logs', ...BY, '--allow-partial', '-o', output]),
    ...['table', 'json', 'junit'].map((output) => [
      'assert',
      'logs',
      '--deny',
      '*',
      '--no-errors',
      '--allow-partial',
      '-o',
      output,
    ]),
  ];

  test.each(commands.map((command) => [command]))('are not printed by %j', async (command) => {
    const { stdout, stderr } = await awsusage(command, { cwd: folder });
    expect(stdout.length).toBeGreaterThan(200);
    expect(`${stdout}${stderr}`.match(new RegExp(`.{0,40}${SEED}.{0,20}`, 'g')) ?? []).toEqual([]);
  });
});
