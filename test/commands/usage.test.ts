import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { apiCall } from './made-calls.js';
import { awsusage, newFolder } from './run-awsusage.js';

const SOURCE = newFolder({ 'calls.json': apiCall() });

describe.concurrent('mistyped', () => {
  test.each<[string, string[], RegExp]>([
    ['a command', ['quer', 'services', SOURCE], /no command called "quer"\n {2}Did you mean awsusage query\?/],
    ['a command that is asked for help', ['querry', '--help'], /Did you mean awsusage query\?/],
    ['a question as a command', ['service', SOURCE], /Did you mean awsusage query services\?/],
    ['a flag as a command', ['--service', 's3', 'query'], /The command comes first, before --service/],
    [
      'a question',
      ['query', 'sesions-per-day', SOURCE],
      /no question called "sesions-per-day"\n {2}Did you mean sessions/,
    ],
    ['one of several questions', ['query', 'services,erors', SOURCE], /"erors"\n {2}Did you mean errors\?/],
    [
      'a flag',
      ['query', 'services', SOURCE, '--servise', 's3'],
      /Unknown flag: --servise\n {2}Did you mean --service\?/,
    ],
    ['a flag with =', ['sql', 'select 1', SOURCE, '--outputt=csv'], /--outputt=csv\n {2}Did you mean --output\?/],
    ['the beginning of a flag', ['inspect', SOURCE, '--endpoint', 'x'], /Did you mean --endpoint-url\?/],
    [
      "a bucket's region for that of calls",
      ['inspect', SOURCE, '--region', 'eu-west-1'],
      /no source is a bucket\n {2}Did you mean --region-name eu-west-1\?/,
    ],
    ['a prefix alone', ['query', 'services', '--prefix', 'AWSLogs/'], /--prefix was given without --bucket/],
    ['a bucket and a source', ['query', 'services', SOURCE, '--bucket', 'b'], /Both SOURCE and --bucket were given/],
    ['a timeout', ['inspect', 's3://b/', '--read-timeout', '0'], /--read-timeout: Expected an integer greater than/],
    ['an endpoint', ['inspect', 's3://b/', '--endpoint-url', 'localhost:4566'], /--endpoint-url: it is no address/],
    ["a question's own flag", ['query', 'anomalies', SOURCE, '--fil-gaps'], /Did you mean --fill-gaps\?/],
    ["another question's flag", ['query', 'services', SOURCE, '--fill-gaps'], /Unknown flag: --fill-gaps/],
    ['a value of a flag', ['query', 'services', SOURCE, '-o', 'xml'], /--output=xml to be one of: table, json, ndjson/],
    ['a value of a choice', ['query', 'anomalies', SOURCE, '--every', 'hours'], /Did you mean hour\?/],
    ['a value where none goes', ['query', 'services', SOURCE, '--quiet=false'], /--quiet takes no value/],
    ['no value', ['query', 'services', SOURCE, '--since'], /Flag --since expects a value/],
    [
      'a value twice',
      ['query', 'services', SOURCE, '--since', '1d', '--since', '2d'],
      /--since can only be specified once/,
    ],
    [
      'a limit',
      ['query', 'services', SOURCE, '--limit', '-1'],
      /--limit: Expected an integer greater than or equal to 0/,
    ],
    ['no question', ['query'], /No question was given/],
    ['no SELECT', ['sql'], /No SELECT was given/],
    ['no source', ['query', 'services'], /No SOURCE was given[^]*AWSUSAGE_SOURCE/],
    ['a source', ['query', 'services', join(SOURCE, 'cals.json')], /Did you mean .*\/calls\.json\?/],
  ])('%s: exit 2 and a way out, nothing on stdout', async (_name, args, message) => {
    const end = await awsusage(args);
    expect(end).toMatchObject({ code: 2, stdout: '', left: [] });
    expect(end.stderr).toMatch(/^Error: /);
    expect(end.stderr).toMatch(message);
  });
});

describe.concurrent('help', () => {
  test.each([[['--help']], [['-h']], [['help']], [[]]])('%j lists the commands', async (args) => {
    const end = await awsusage(args);
    expect(end).toMatchObject({ code: 0, stderr: '' });
    for (const command of ['inspect', 'query', 'sql']) expect(end.stdout).toMatch(new RegExp(`^  ${command} `, 'm'));
  });

  test('of query lists the questions, of a question what is its own', async () => {
    const query = await awsusage(['query', '--help']);
    for (const name of ['sessions-per-day', 'denormalize', 'metering']) expect(query.stdout).toContain(name);
    const denormalize = await awsusage(['query', 'denormalize', '--help']);
    for (const text of ['--columns', '--max-columns', 'awsusage query denormalize']) {
      expect(denormalize.stdout).toContain(text);
    }
    const same = await awsusage(['help', 'query', '--limit', '5', 'denormalize']);
    expect(same.stdout).toBe(denormalize.stdout);
    const mistyped = await awsusage(['query', 'denormalise', '--help']);
    expect(mistyped).toMatchObject({ code: 2, stdout: '' });
    expect(mistyped.stderr).toContain('Did you mean denormalize?');
  });

  test('--version', async () => {
    const end = await awsusage(['--version']);
    expect(end.stdout).toMatch(/^awsusage\/\d+\.\d+\.\d+ \S+ node-v\d+/);
    expect((await awsusage(['-v'])).stdout).toBe(end.stdout);
  });
});
