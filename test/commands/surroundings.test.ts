import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { apiCall } from './made-calls.js';
import { awsusage, BUCKET, newFolder, ROOT, RUN_JS, startProgram } from './run-awsusage.js';

const SOURCE = newFolder({ 'a.json': apiCall() });
const ARGS = ['query', 'services', SOURCE, '-o', 'ndjson'];
const ANSWER = '{"service":"s3","operations":1,"number_of_sessions":1,"calls":1,"errors":0}\n';

describe.concurrent('the environment', () => {
  test.each<[string, Record<string, string | undefined>]>([
    ['neither HOME nor PATH', { HOME: undefined, PATH: undefined, TMPDIR: '/no/such/folder' }],
    ['a HOME that is not there', { HOME: '/no/such/home', COLUMNS: '10' }],
    ['NODE_ENV development', { NODE_ENV: 'development', HOME: '' }],
    ['NODE_ENV test, and warnings of Node', { NODE_ENV: 'test', NODE_OPTIONS: '--trace-warnings' }],
    ['a language and a time zone', { LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8', TZ: 'America/New_York' }],
    ["oclif's settings", { CI: 'true', AWSUSAGE_JSON: '1', CONTENT_TYPE: 'json', AWSUSAGE_CONTENT_TYPE: 'json' }],
  ])('%s', async (_name, env) => {
    const end = await awsusage([...ARGS, '--quiet'], { env });
    expect(end).toEqual({ code: 0, stdout: ANSWER, stderr: '', left: [] });
  });

  test('days are those of UTC, whatever the time zone of the machine', async () => {
    const ask = (TZ: string) => awsusage(['query', 'sessions-per-day', BUCKET, '-o', 'csv', '-q'], { env: { TZ } });
    const [tokyo, samoa] = await Promise.all([ask('Asia/Tokyo'), ask('Pacific/Samoa')]);
    expect(tokyo?.stdout).toContain('2026-10-02,5,120\r\n');
    expect(samoa).toEqual(tokyo);
  });

  test('an empty AWSUSAGE_SOURCE is none', async () => {
    const end = await awsusage(['query', 'services'], { env: { AWSUSAGE_SOURCE: '' } });
    expect(end.stderr).toMatch(/^Error: No SOURCE was given/);
  });
});

describe.concurrent('the folder for temporary files', () => {
  test.each([`blanks, quotes'"\` and glob[*]?{a,b}`, '%s$HOME;x\nnew line \\ ünïcödé 🦆', '-o'])(
    'called %j',
    async (name) => {
      const folder = join(newFolder(), name);
      mkdirSync(folder);
      const cwd = newFolder();
      const sql = 'select count(*) from (select * from range(1000000) order by hash(range))';
      const args = ['sql', sql, SOURCE, 'fixtures/cloudtrail-bucket', '-o', 'ndjson', '-q', '--memory', '64MB'];
      const end = await awsusage(
        args.map((arg) => (arg.startsWith('fixtures/') ? join(ROOT, arg) : arg)),
        { cwd, env: { AWSUSAGE_TMPDIR: folder } },
      );
      expect(end).toEqual({ code: 0, stdout: '{"count_star()":1000000}\n', stderr: '', left: [] });
      const [own = '', ...others] = readdirSync(folder);
      expect(own).toBe(`awsusage-${String(process.getuid?.())}`);
      expect(others).toEqual([]);
      expect(statSync(join(folder, own)).mode & 0o777).toBe(0o700);
      expect(readdirSync(cwd)).toEqual([]);
    },
  );

  test('one that is not there, is a file, or is empty text', async () => {
    for (const env of [{ AWSUSAGE_TMPDIR: '/no/such/folder' }, { AWSUSAGE_TMPDIR: join(SOURCE, 'a.json') }]) {
      const end = await awsusage(ARGS, { env });
      expect(end).toMatchObject({ code: 2, stdout: '' });
      expect(end.stderr).toMatch(/^Error: Cannot write temporary files to .*\n {2}Set AWSUSAGE_TMPDIR/);
    }
    const end = await awsusage(ARGS, { env: { AWSUSAGE_TMPDIR: '', TMPDIR: newFolder() } });
    expect(end).toMatchObject({ code: 0, stdout: ANSWER });
  });

  test('TMPDIR serves where AWSUSAGE_TMPDIR is not set', async () => {
    const folder = newFolder();
    const end = await awsusage([...ARGS, '-q'], { env: { AWSUSAGE_TMPDIR: undefined, TMPDIR: folder } });
    expect(end).toMatchObject({ code: 0, stderr: '' });
    expect(readdirSync(folder)).toEqual([`awsusage-${String(process.getuid?.())}`]);
  });

  test('runs beside each other do not meet', async () => {
    const folder = newFolder();
    const runs = Array.from({ length: 3 }, () => awsusage([...ARGS, '-q'], { env: { AWSUSAGE_TMPDIR: folder } }));
    for (const end of await Promise.all(runs)) expect(end).toMatchObject({ code: 0, stdout: ANSWER, stderr: '' });
  });
});

describe.concurrent('the working folder and standard streams', () => {
  const node = `"${process.execPath}" "${RUN_JS}"`;
  const sh = (script: string) => startProgram('bash', ['-c', script]).ended;

  test('a working folder that was deleted', async () => {
    const gone = mkdtempSync(join(tmpdir(), 'awsusage-test-'));
    const end = await sh(`cd "${gone}" && rmdir "${gone}" && ${node} query services "${SOURCE}"`);
    rmSync(gone, { recursive: true, force: true });
    expect(end).toMatchObject({ code: 2, stdout: '', left: [] });
    expect(end.stderr).toContain(
      'Error: Cannot go on: the folder that you work in is not there any more\n  Change to another folder.\n',
    );
  });

  test('closed standard input, output and error', async () => {
    const input = await sh(`${node} query services "${SOURCE}" -o ndjson -q <&-`);
    expect(input).toEqual({ code: 0, stdout: ANSWER, stderr: '', left: [] });
    const error = await sh(`${node} query services "${SOURCE}" -o ndjson 2>&-`);
    expect(error).toMatchObject({ code: 0, stdout: ANSWER, left: [] });
    const output = await sh(`${node} query services "${SOURCE}" -q >&-`);
    expect(output).toMatchObject({ stdout: '', left: [] });
    expect([0, 2]).toContain(output.code);
  });

  test('a terminal is never asked for anything', async () => {
    const end = await awsusage(['query', 'servces', SOURCE], { input: { open: true } });
    expect(end).toMatchObject({ code: 2, stdout: '' });
  });

  test('a few open files are enough', async () => {
    const files = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`${index}.json`, apiCall()]));
    const end = await sh(
      `ulimit -n 128; ${node} sql "select count(*) as n from api_calls" "${newFolder(files)}" -o ndjson -q`,
    );
    expect(end).toEqual({ code: 0, stdout: '{"n":300}\n', stderr: '', left: [] });
  });

  test('nothing is written anywhere else', async () => {
    const home = newFolder();
    const cwd = newFolder({ 'a.json': apiCall() });
    chmodSync(cwd, 0o755);
    const end = await awsusage(['inspect', 'a.json'], { cwd, env: { HOME: home, XDG_CACHE_HOME: undefined } });
    expect(end.code).toBe(0);
    expect(readdirSync(cwd)).toEqual(['a.json']);
    expect(readdirSync(home)).toEqual([]);
  });
});
