import type { Readable } from 'node:stream';
import type { ListObjectsV2Command, ListObjectsV2CommandInput, ListObjectsV2CommandOutput } from '@aws-sdk/client-s3';
import { streamCollector } from '@smithy/node-http-handler';
import type { DeserializeMiddleware } from '@smithy/types';

/** What a page of a listing tells of an object, as the SDK gives it. */
export type ListedContents = Pick<
  NonNullable<ListObjectsV2CommandOutput['Contents']>[number],
  'Key' | 'Size' | 'ETag' | 'LastModified'
>;

/** A page whose objects are cut out, and they. */
export interface CutPage {
  readonly rest: string;
  readonly contents: ListedContents[];
}

/**
 * Has the objects of a page read here, and the rest of it by the SDK, which goes through XML letter by letter: that takes up to
 * a tenth of a second for a page. A page that is written in any other way than servers do is left to the SDK as a whole.
 * @returns what gives the objects of the last answer to the command; undefined where the SDK has read them
 */
export function takeContents(command: ListObjectsV2Command): () => ListedContents[] | undefined {
  let contents: ListedContents[] | undefined;
  const take: DeserializeMiddleware<ListObjectsV2CommandInput, ListObjectsV2CommandOutput> = (next) => async (args) => {
    contents = undefined;
    const answer = await next(args);
    const { response } = answer;
    if (!isPage(response)) return answer;
    const bytes = Buffer.from(await streamCollector(response.body));
    const cut = cutContents(bytes.toString('utf8'));
    contents = cut?.contents;
    return {
      ...answer,
      response: Object.assign(response, { body: cut === undefined ? bytes : Buffer.from(cut.rest) }),
    };
  };
  const place = { relation: 'after', toMiddleware: 'deserializerMiddleware', name: 'takeContents' } as const;
  command.middlewareStack.addRelativeTo(take, place);
  return () => contents;
}

function isPage(response: unknown): response is { readonly body: Readable } {
  return typeof response === 'object' && response !== null && 'statusCode' in response && response.statusCode === 200;
}

const [BEGIN, END] = ['<Contents>', '</Contents>'];
const LEAF = /<(\w+)>([^<]*)<\/\1>/y;
const NESTED = /<(\w+)>(?:<(\w+)>[^<]*<\/\2>)*<\/\1>/y;
const READ = ['Key', 'Size', 'ETag', 'LastModified'];

/**
 * Cuts the objects out of a page of a listing (`ListBucketResult` in the Amazon S3 API Reference). Undefined where there are
 * none, they are not one after the other, or anything of them is not as the SDK would understand it, too.
 */
export function cutContents(xml: string): CutPage | undefined {
  const start = xml.indexOf(BEGIN);
  // Comments, CDATA and line ends by themselves mean more than they say.
  if (start === -1 || /<!|\r/.test(xml)) return undefined;
  const contents: ListedContents[] = [];
  let at = start;
  while (xml.startsWith(BEGIN, at)) {
    const fields = new Map<string, string>();
    for (at += BEGIN.length; !xml.startsWith(END, at);) {
      LEAF.lastIndex = NESTED.lastIndex = at;
      const leaf = LEAF.exec(xml);
      if (leaf === null && NESTED.exec(xml) === null) return undefined;
      at = leaf === null ? NESTED.lastIndex : LEAF.lastIndex;
      const [, name = '', text = ''] = leaf ?? [];
      if (!READ.includes(name)) continue;
      if (fields.has(name)) return undefined;
      fields.set(name, text);
    }
    at += END.length;
    const read = readContents(fields);
    if (read === undefined) return undefined;
    contents.push(read);
  }
  const rest = xml.slice(0, start) + xml.slice(at);
  return rest.includes('<Contents') ? undefined : { rest, contents };
}

function readContents(fields: ReadonlyMap<string, string>): ListedContents | undefined {
  const key = readText(fields.get('Key'));
  const etag = readText(fields.get('ETag'));
  const size = fields.get('Size') ?? '';
  const modified = fields.get('LastModified');
  if (key === undefined || etag === undefined || !/^\d{1,15}$/.test(size)) return undefined;
  const object = { Key: key, ETag: etag, Size: Number(size) };
  if (modified === undefined) return object;
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/.test(modified) ? Date.parse(modified) : NaN;
  return Number.isNaN(time) ? undefined : { ...object, LastModified: new Date(time) };
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#34': '"', apos: "'" };
const ENTITY = /&(amp|lt|gt|quot|#34|apos);/g;

/** Undefined for a text that is missing, or that not everybody reads alike. */
function readText(text: string | undefined): string | undefined {
  if (text === undefined || text.trim() !== text) return undefined;
  if (!text.includes('&')) return text;
  const isKnown = !text.replace(ENTITY, '').includes('&');
  return isKnown ? text.replace(ENTITY, (_, name: string) => ENTITIES[name] ?? '') : undefined;
}
