import { createHash } from 'node:crypto';
import { escapeHtml } from './html-text.js';

export interface HtmlPage {
  readonly title: string;
  /** HTML that is safe already. */
  readonly body: string;
}

/**
 * A whole page that needs nothing else: no script, no request, and a policy that forbids both. Its one style is told by its
 * hash.
 */
export function renderHtmlPage({ title, body }: HtmlPage): string {
  const hash = createHash('sha256').update(STYLE).digest('base64');
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; img-src data:; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<link rel="icon" href="data:,">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`;
}

const LIGHT =
  '--back:#fff;--card:#f5f7fa;--text:#1b2430;--soft:#5a6675;--line:#d8dee6;--c0:#1f6fd0;--c1:#c8501e;--c2:#2b8a57;--c3:#8250c4;--c4:#a86a00;--c5:#0d8296;--bad:#b3261e;--good:#1e7a45';
const DARK =
  '--back:#12161c;--card:#1b212a;--text:#e6ebf1;--soft:#9aa7b6;--line:#333d4a;--c0:#6aa9f7;--c1:#f08a5d;--c2:#67c690;--c3:#b795ee;--c4:#e0ad4f;--c5:#55c3d6;--bad:#ff8a80;--good:#67c690';

const SERIES = [0, 1, 2, 3, 4, 5]
  .map(
    (at) => `.fill-c${at}{fill:var(--c${at})}.stroke-c${at}{stroke:var(--c${at})}.key-c${at}{background:var(--c${at})}`,
  )
  .join('');

const STYLE = [
  `:root{color-scheme:light dark;${LIGHT}}`,
  `@media (prefers-color-scheme:dark){:root{${DARK}}}`,
  `*{box-sizing:border-box}`,
  `body{margin:0;background:var(--back);color:var(--text);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}`,
  `main{max-width:60rem;margin:0 auto;padding:1.5rem 1rem 3rem}`,
  `h1{font-size:1.7rem;line-height:1.2;margin:0 0 .4rem;overflow-wrap:anywhere}`,
  `h2{font-size:1.15rem;margin:2.2rem 0 .2rem;overflow-wrap:anywhere}`,
  `p{margin:.2rem 0 .6rem;overflow-wrap:anywhere}`,
  `.soft{color:var(--soft)}`,
  `.figures{display:grid;grid-template-columns:repeat(auto-fill,minmax(9.5rem,1fr));gap:.6rem;margin:1rem 0;padding:0}`,
  `.figures div{background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:.6rem .8rem;min-width:0}`,
  `.figures dt{color:var(--soft);font-size:.85rem;overflow-wrap:anywhere}`,
  `.figures dd{margin:0;font-size:1.45rem;font-weight:600;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}`,
  `.figures dd.change{font-size:.85rem;font-weight:400;color:var(--soft)}`,
  `.thresholds{list-style:none;padding:0;margin:1rem 0}`,
  `.thresholds li{border-left:4px solid var(--line);padding:.1rem .6rem;margin:.3rem 0;overflow-wrap:anywhere}`,
  `.thresholds .crossed{border-color:var(--bad)}.thresholds .kept{border-color:var(--good)}`,
  `.note{border-left:4px solid var(--c4);padding:.1rem .6rem}`,
  `figure{margin:.6rem 0}`,
  `svg{display:block;width:100%;height:auto;max-width:100%}`,
  `svg text{font:12px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}`,
  `.narrow{display:none}`,
  `@media screen and (max-width:34rem){.wide{display:none}.narrow{display:block}}`,
  `.fill-label{fill:var(--soft)}.fill-axis{fill:var(--soft)}.stroke-axis{stroke:var(--soft)}.stroke-grid{stroke:var(--line)}`,
  SERIES,
  `.keys{display:flex;flex-wrap:wrap;gap:.2rem 1rem;list-style:none;margin:.2rem 0;padding:0;font-size:.85rem;color:var(--soft)}`,
  `.keys i{display:inline-block;width:.75rem;height:.75rem;border-radius:.15rem;margin-right:.35rem}`,
  `.scroll{overflow-x:auto;margin:.4rem 0}`,
  `table{border-collapse:collapse;font-size:.88rem;min-width:100%}`,
  `th,td{text-align:left;vertical-align:top;padding:.3rem .9rem .3rem 0;border-bottom:1px solid var(--line)}`,
  `th{font-weight:600;color:var(--soft);white-space:nowrap}`,
  `td.text{overflow-wrap:anywhere;min-width:13rem}`,
  `td.short{white-space:nowrap}`,
  `.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}`,
  `summary{cursor:pointer;color:var(--soft);font-size:.9rem}`,
  `footer{margin-top:2.5rem;border-top:1px solid var(--line);padding-top:.6rem;color:var(--soft);font-size:.85rem}`,
  `.bad{color:var(--bad)}`,
  `@media print{:root{${LIGHT}}main{max-width:none;padding:0}body{font-size:11px}h2{break-after:avoid}figure,tr,.figures div{break-inside:avoid}.scroll{overflow:visible}}`,
].join('\n');
