import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { dangerIn } from '../output/dangerous-characters.js';
import { HOSTILE_STRINGS } from '../output/hostile-strings.js';
import { cloudtrailRecord } from './made-calls.js';
import { awsusage, type Ended, newFolder } from './run-awsusage.js';
import { SEED, seedLogs } from './seeded-secrets.js';

const FORMS = ['markdown', 'html', 'json'];
/** Each template, and one of them in every form. */
const CASES = [
  ...FORMS.map((form) => ['usage', form]),
  ['security', 'html'],
  ['web', 'markdown'],
  ['metering', 'html'],
];

/** Every value a text of its own, so that a report shows it where it can. */
const Records = HOSTILE_STRINGS.flatMap((text, at) =>
  ['2026-09', '2026-10'].map((month) =>
    cloudtrailRecord({
      eventTime: `${month}-${String((at % 28) + 1).padStart(2, '0')}T0${at % 10}:00:00Z`,
      eventName: text,
      eventSource: `${text}.amazonaws.com`,
      awsRegion: text,
      userIdentity: { arn: text, accessKeyId: `ASIA${text}` },
      sourceIPAddress: text,
      userAgent: text,
      errorCode: `AccessDenied${text}`,
      errorMessage: text,
      requestParameters: { uri: text, referrer: text, hostname: text },
      eventID: `${month}-${at}`,
    }),
  ),
);

/** All that a report of the user's own can say of rows: a chart along hostile names too. */
const OWN = `title: Own
sections:
  - title: Calls
    show: bar
    question: principals
    x: principal
    y: [calls]
    limit: 0
    key: [principal]
    compare: calls
  - title: Messages
    question: errors
    limit: 0
`;
const SOURCE = newFolder({ 'a.json': JSON.stringify({ Records }), 'own.yml': OWN });
const WINDOW = ['--month', '2026-10', '--allow-partial'];

/** Tags, attributes and addresses that no page of ours has. */
function expectInertPage(html: string): void {
  const tags = [...html.matchAll(/<([a-z!/][^\s>]*)/gi)].map(([, tag = '']) => tag.toLowerCase().replace('/', ''));
  expect(tags.filter((tag) => !OUR_TAGS.has(tag))).toEqual([]);
  expect(stripText(html)).not.toMatch(/\son[a-z]+\s*=|javascript:|\sstyle=|\ssrc=/i);
  expect(stripText(html)).not.toMatch(/https?:/);
}

/** The page without what stands between tags: what could act is in tags. */
function stripText(html: string): string {
  const head = html.replace(/<style>[\s\S]*?<\/style>/, '');
  return [...head.matchAll(/<[^>]*>/g)].map(([tag]) => tag.replace(/aria-label="[^"]*"/g, '')).join('');
}

const OUR_TAGS = new Set([
  ...['!doctype', 'html', 'head', 'meta', 'link', 'title', 'style', 'body', 'main', 'header', 'footer', 'section'],
  ...['h1', 'h2', 'p', 'strong', 'span', 'div', 'dl', 'dt', 'dd', 'ul', 'li', 'i', 'figure', 'details', 'summary'],
  ...['table', 'thead', 'tbody', 'tr', 'th', 'td', 'svg', 'desc', 'g', 'path', 'text', 'defs', 'clippath', 'rect'],
]);

function expectInertMarkdown(text: string): void {
  const bare = text.replace(/\\[^\w\s]|&(#\d+|[a-z]+);/g, '·').replaceAll('**', '');
  for (const line of bare.split('\n').filter((one) => !one.startsWith('#')))
    expect(line).not.toMatch(/[`*[\]$]|<|:\/\/|www\.|@\w|^>.*>/);
  for (const line of bare.split('\n').filter((one) => one.startsWith('|'))) expect(line).toMatch(/^\| .* \|$/u);
}

function expectInert({ stdout, stderr }: Ended, form: string): void {
  expect(dangerIn(stdout, '\n')).toEqual([]);
  expect(dangerIn(stderr, '\n')).toEqual([]);
  if (form === 'html') expectInertPage(stdout);
  else if (form === 'markdown') expectInertMarkdown(stdout);
  else JSON.parse(stdout);
}

describe('hostile text in a report is inert', () => {
  test('there are forty and more', () => expect(HOSTILE_STRINGS.length).toBeGreaterThanOrEqual(40));

  test.each(CASES)('%s as %s', async (template = '', form = '') => {
    const end = await awsusage(['report', SOURCE, ...WINDOW, '--template', template, '-o', form]);
    expect(end.code).toBe(0);
    expect(end.stdout.length).toBeGreaterThan(2000);
    expectInert(end, form);
  });

  test.each(FORMS)('a report of the user’s own as %s, all rows of it', async (form) => {
    const end = await awsusage(['report', 'a.json', ...WINDOW, '--template', 'own.yml', '-o', form], { cwd: SOURCE });
    expect(end.code).toBe(0);
    expectInert(end, form);
    const shown = { markdown: '&lt;script&gt;alert\\(1\\)&lt;/script&gt;', html: '&#60;script&#62;', json: '<script>' }[
      form
    ];
    expect(end.stdout).toContain(shown);
  });

  test('in the title, too, and in CSV beside the report', async () => {
    const title = '<script>alert(1)</script> | \u001b[31m\u202e [x](https://evil.example)';
    for (const form of FORMS) {
      const folder = newFolder();
      const to = join(folder, 'r');
      const args = ['report', SOURCE, ...WINDOW, '--template', 'metering', '-o', form, '--title', title, '--to', to];
      const end = await awsusage(args);
      expect(end.code).toBe(0);
      expectInert({ ...end, stdout: readFileSync(to, 'utf8') }, form);
      const csv = readFileSync(join(folder, 'r.metering.csv'), 'utf8');
      expect(dangerIn(csv, '\t\r\n')).toEqual([]);
      for (const line of csv.split('\r\n')) expect(line).not.toMatch(/^"?[=+@＝＋－＠]|^"?-(?!\d)/u);
    }
  });

  test('in a chart on the terminal and in the page of one answer', async () => {
    const sql = `select min("timestamp") as period, count(*) as "n<script>\u001b[31m", principal from api_calls group by principal`;
    const [chart, page] = await Promise.all(
      ['chart', 'html'].map((form) => awsusage(['sql', sql, SOURCE, '-o', form, '--allow-partial'])),
    );
    expect([chart?.code, page?.code]).toEqual([0, 0]);
    expect(dangerIn(`${chart?.stdout}${chart?.stderr}`, '\n')).toEqual([]);
    expectInert(page!, 'html');
  });
});

describe('no seeded secret is in a report', () => {
  const { files, inCalls, elsewhere } = seedLogs();
  const source = newFolder(files);

  test('there are sixty and more', () => expect(inCalls.length + elsewhere.length).toBeGreaterThanOrEqual(60));

  test.each([
    ['usage', 'html'],
    ['security', 'markdown'],
    ['web', 'json'],
  ])('%s as %s', async (template, form) => {
    const end = await awsusage(['report', source, '--allow-partial', '--template', template, '-o', form]);
    expect(end.code).toBe(0);
    expect(`${end.stdout}${end.stderr}`).not.toContain(SEED);
  });

  test.each(FORMS)('by SQL of the report’s own, as %s', async (form) => {
    const report = 'title: T\nsections:\n  - title: A\n    limit: 0\n    csv: all\n    sql: SELECT * FROM api_calls\n';
    const cwd = newFolder({ 'r.yml': report });
    const args = ['report', source, '--allow-partial', '--template', 'r.yml', '-o', form, '--to', 'out'];
    const end = await awsusage(args, { cwd });
    expect(end.code).toBe(0);
    for (const name of ['out', 'out.all.csv']) {
      const text = readFileSync(join(cwd, name), 'utf8');
      expect(text).toMatch(/\\?\*\\?\*\\?\*/);
      expect(text).not.toContain(SEED);
    }
  });
});
