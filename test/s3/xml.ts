import { S3Error } from './s3-error.js';

/** What is inside an element: text, or elements in their order. A name may come more than once. */
export type XmlContent = string | number | boolean | readonly XmlElement[];
export type XmlElement = readonly [name: string, content: XmlContent];

/** An element as it was read: its own text, and the elements in it. */
export interface XmlNode {
  readonly name: string;
  readonly text: string;
  readonly children: readonly XmlNode[];
}

/** A document as S3 sends it. Characters that XML cannot hold are written as references, as S3 does. */
export function writeXml(root: string, content: XmlContent): Buffer {
  const namespace = root === 'Error' ? '' : ' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"';
  return Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n<${root}${namespace}>${writeContent(content)}</${root}>`);
}

/**
 * Reads the XML of a request: elements, text, references; attributes are passed over, comments and DTDs refused.
 * @throws S3Error MalformedXML, also when the root has another name.
 */
export function readXml(body: Buffer, root: string): XmlNode {
  const tokens = tokenize(body.toString('utf8'));
  const node = readElement(tokens);
  if (node?.name !== root || tokens.length > 0) throw new S3Error('MalformedXML');
  return node;
}

/** The text of the first child of that name. */
export function textOf(node: XmlNode, name: string): string | undefined {
  return node.children.find((child) => child.name === name)?.text;
}

function writeContent(content: XmlContent): string {
  if (typeof content !== 'object') return escapeXml(String(content));
  return content.map(([name, inner]) => `<${name}>${writeContent(inner)}</${name}>`).join('');
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"\u0000-\u001f\u007f\ufffe\uffff]/g, (character) => {
    const named = NAMED[character];
    return named ?? `&#x${character.charCodeAt(0).toString(16).toUpperCase()};`;
  });
}

const NAMED: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** `<a>`, `</a>`, `<a/>` and the text between them; the declaration is left out. */
function tokenize(text: string): string[] {
  const tokens = text.replace(/^\ufeff?\s*<\?xml[^>]*\?>/, '').match(/<[^>]*>|[^<]+/g) ?? [];
  const trimmed = [...tokens];
  while (trimmed[0]?.trim() === '') trimmed.shift();
  while (trimmed.at(-1)?.trim() === '') trimmed.pop();
  return trimmed.reverse();
}

/** Takes one element off the end of the reversed tokens. */
function readElement(tokens: string[]): XmlNode | undefined {
  const [, name, , closed] = /^<([A-Za-z][\w.-]*)(\s[^<>]*?)?(\/?)>$/.exec(tokens.pop() ?? '') ?? [];
  if (name === undefined) throw new S3Error('MalformedXML');
  if (closed === '/') return { name, text: '', children: [] };
  let text = '';
  const children: XmlNode[] = [];
  for (let next = tokens.at(-1); next !== `</${name}>`; next = tokens.at(-1)) {
    if (next === undefined) throw new S3Error('MalformedXML');
    if (!next.startsWith('<')) text += unescapeXml(tokens.pop() ?? '');
    else children.push(readElement(tokens) as XmlNode);
  }
  tokens.pop();
  return { name, text, children };
}

function unescapeXml(text: string): string {
  return text.replace(/&(#x[0-9a-f]+|#\d+|\w+);|&/gi, (whole, name: string | undefined) => {
    if (name === undefined) throw new S3Error('MalformedXML');
    if (name.startsWith('#x')) return String.fromCodePoint(parseInt(name.slice(2), 16));
    if (name.startsWith('#')) return String.fromCodePoint(Number(name.slice(1)));
    const named = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }[name];
    if (named === undefined) throw new S3Error('MalformedXML', `unknown entity ${whole}`);
    return named;
  });
}
