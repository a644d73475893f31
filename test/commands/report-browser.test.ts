import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HAS_SHARED_DATA, sharedPath } from '../records/shared-data.js';
import { awsusage, newFolder } from './run-awsusage.js';

/** Debian's; another one can be named. */
const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const ARGS = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];
const absent = !existsSync(CHROMIUM)
  ? `there is no ${CHROMIUM} (apt-get install chromium)`
  : HAS_SHARED_DATA
    ? undefined
    : 'the real logs (../shared/data) are not beside the checkout';

const LOOKS: Readonly<Record<string, BrowserContextOptions>> = {
  light: { colorScheme: 'light', viewport: { width: 1100, height: 900 } },
  dark: { colorScheme: 'dark', viewport: { width: 1100, height: 900 } },
  phone: { colorScheme: 'light', viewport: { width: 390, height: 844 } },
  'without scripts': { javaScriptEnabled: false, viewport: { width: 1100, height: 900 } },
};

const FILL = `getComputedStyle(document.querySelector('path.fill-c0')).fill`;

/** Runs in the page. */
const TAKE_OVER = `{
  const script = document.createElement('script');
  script.textContent = 'document.title = "taken over"';
  document.body.append(script);
  const image = document.createElement('img');
  image.src = 'http://127.0.0.1:9/x.png';
  document.body.append(image);
  document.body.setAttribute('style', 'display:none');
}`;

describe.skipIf(absent !== undefined)(`in Chromium${absent === undefined ? '' : ` (skipped: ${absent})`}`, () => {
  const files: Record<string, string> = {};
  let browser: Browser | undefined;

  beforeAll(async () => {
    const source = sharedPath('invictus-aws-dataset/CloudTrail');
    const window = ['--since', '2023-07-10T12:00:00Z', '--until', '2023-07-10T12:40:00Z'];
    const ask = (args: readonly string[]) => awsusage([...args, source, ...window, '-o', 'html', '-q']);
    const [report, answer] = await Promise.all([
      ask(['report']),
      ask(['query', 'calls-over-time', '--every', 'minute']),
    ]);
    for (const [name, end] of Object.entries({ report, answer })) {
      if (end.code !== 0) throw new Error(end.stderr);
      files[name] = join(newFolder(), `${name}.html`);
      writeFileSync(files[name], end.stdout);
    }
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGS });
  });

  afterAll(() => browser?.close());

  async function openPage(name: string, look: BrowserContextOptions): Promise<{ page: Page; seen: string[] }> {
    const context = await browser!.newContext(look);
    const page = await context.newPage();
    const seen: string[] = [];
    page.on('console', (message) => seen.push(`console: ${message.text()}`));
    page.on('pageerror', (error) => seen.push(`error: ${error.message}`));
    page.on('request', (request) => seen.push(`request: ${request.url()}`));
    await page.goto(pathToFileURL(files[name] ?? '').href);
    return { page, seen };
  }

  const cases = ['report', 'answer'].flatMap((name) => Object.keys(LOOKS).map((look) => [name, look] as const));

  test.each(cases)('%s, %s: no error, no request but for the page, charts to be seen', async (name, look) => {
    const { page, seen } = await openPage(name, LOOKS[look] ?? {});
    expect(seen).toEqual([`request: ${pathToFileURL(files[name] ?? '').href}`]);
    const shown = page.locator('svg:visible');
    expect(await shown.count()).toBe(name === 'report' ? 2 : 1);
    for (const chart of await shown.all()) {
      const box = await chart.boundingBox();
      expect(box?.width).toBeGreaterThan(300);
      expect(box?.height).toBeGreaterThan(150);
      // The page's style has reached the drawing: bars that are filled, of some height.
      const bars = chart.locator('path.fill-c0');
      expect(await bars.count()).toBeGreaterThan(0);
      if (look === 'without scripts') continue;
      const fill = await page.evaluate<string>(FILL);
      expect(fill).toBe(look === 'dark' ? 'rgb(106, 169, 247)' : 'rgb(31, 111, 208)');
      expect(await chart.evaluate((svg) => svg.getAttribute('aria-labelledby')?.split(' ').length)).toBe(2);
    }
    if (look === 'without scripts') return;
    const width = 'document.documentElement.scrollWidth - window.innerWidth';
    expect(await page.evaluate<number>(width)).toBeLessThanOrEqual(0);
    const colour = (name: string) => page.evaluate<string>(`getComputedStyle(document.body).${name}`);
    const [back, text] = [await colour('backgroundColor'), await colour('color')].map((one) =>
      Number(/\d+/.exec(one)?.[0]),
    );
    expect((back ?? 0) < (text ?? 0)).toBe(look === 'dark');
    await page.close();
  });

  test('the policy forbids scripts and styles that others put in', async () => {
    const { page, seen } = await openPage('report', LOOKS['light'] ?? {});
    await page.evaluate(TAKE_OVER);
    await page.waitForTimeout(200);
    expect(await page.title()).toBe('AWS usage');
    expect(await page.evaluate<string>('getComputedStyle(document.body).display')).toBe('block');
    expect(seen.filter((one) => one.includes('Content Security Policy')).length).toBeGreaterThanOrEqual(3);
    await page.close();
  });

  test('what is drawn has a table behind it', async () => {
    const { page } = await openPage('report', LOOKS['light'] ?? {});
    const details = page.locator('details').first();
    expect(await details.locator('table').isVisible()).toBe(false);
    await details.locator('summary').click();
    expect(await details.locator('tbody tr').count()).toBeGreaterThan(20);
    expect(await details.locator('table').isVisible()).toBe(true);
    await page.close();
  });
});
