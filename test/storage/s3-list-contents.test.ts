import { Readable } from 'node:stream';
import { ListObjectsV2Command, S3Client, type ListObjectsV2CommandOutput } from '@aws-sdk/client-s3';
import { HttpResponse } from '@smithy/core/protocols';
import { describe, expect, test } from 'vitest';
import { cutContents, takeContents } from '../../src/storage/s3-list-contents.js';
import { seededChance } from '../records/seeded-chance.js';

const HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n';
const TOLD = '<Name>b</Name><Prefix>a/</Prefix><KeyCount>2</KeyCount><IsTruncated>false</IsTruncated>';

/** An object as Amazon S3 tells of it. */
function object(fields: Readonly<Record<string, string>> = {}): string {
  const all = {
    Key: 'a/part-1.json.gz',
    LastModified: '2026-10-01T06:00:00.000Z',
    ETag: '&quot;d41d8cd98f00b204e9800998ecf8427e&quot;',
    Size: '1234',
    StorageClass: 'STANDARD',
    ...fields,
  };
  const members = Object.entries(all).map(([name, text]) => (text === '-' ? '' : `<${name}>${text}</${name}>`));
  return `<Contents>${members.join('')}</Contents>`;
}

function page(...parts: readonly string[]): string {
  return `${HEAD}<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${parts.join('')}</ListBucketResult>`;
}

/** What the SDK makes of a page, with or without our help; or that it refuses it. */
async function read(xml: string, withHelp: boolean): Promise<unknown> {
  const bytes = Buffer.from(xml);
  const body = Readable.from([bytes.subarray(0, bytes.length >> 1), bytes.subarray(bytes.length >> 1)]);
  const client = new S3Client({
    region: 'us-east-1',
    maxAttempts: 1,
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    requestHandler: { handle: () => Promise.resolve({ response: new HttpResponse({ statusCode: 200, body }) }) },
  });
  const command = new ListObjectsV2Command({ Bucket: 'b' });
  const contents = withHelp ? takeContents(command) : () => undefined;
  try {
    return shown(await client.send(command), contents());
  } catch (error) {
    return error instanceof Error && error.message.includes('XML parse error') ? 'refused' : error;
  } finally {
    client.destroy();
  }
}

function shown({ $metadata: _, ...answer }: ListObjectsV2CommandOutput, taken: unknown): unknown {
  const { Contents = taken, ...others } = answer;
  const objects = (Contents ?? []) as NonNullable<ListObjectsV2CommandOutput['Contents']>;
  return {
    ...others,
    objects: objects.map(({ Key, Size, ETag, LastModified }) => ({ Key, Size, ETag, LastModified })),
  };
}

describe('objects of a page of a listing', () => {
  const TAKEN: Readonly<Record<string, string>> = {
    'as Amazon S3 lists them': page(TOLD, object(), object({ Key: 'a/b' })),
    'before the rest': page(object(), object(), TOLD),
    'among folders': page(TOLD, object(), '<CommonPrefixes><Prefix>a/x/</Prefix></CommonPrefixes>'),
    'with checksums': page(TOLD, object({ ChecksumAlgorithm: 'CRC64NVME', ChecksumType: 'FULL_OBJECT' })),
    'with two checksums': page(
      TOLD,
      object().replace(
        '</Size>',
        '</Size><ChecksumAlgorithm>A</ChecksumAlgorithm><ChecksumAlgorithm>B</ChecksumAlgorithm>',
      ),
    ),
    'with an owner': page(TOLD, object({ Owner: '<ID>1</ID><DisplayName>me</DisplayName>' })),
    'being restored': page(TOLD, object({ RestoreStatus: '<IsRestoreInProgress>true</IsRestoreInProgress>' })),
    'in another order': page(TOLD, '<Contents><Size>0</Size><ETag>"x"</ETag><Key>a/k</Key></Contents>'),
    'without a time': page(TOLD, object({ LastModified: '-' })),
    'with a time to the second': page(TOLD, object({ LastModified: '2026-10-01T06:00:00Z' })),
    'with a time to the nanosecond': page(TOLD, object({ LastModified: '2026-10-01T06:00:00.123456789Z' })),
    'with odd keys': page(
      TOLD,
      object({ Key: 'a/&lt;&amp;lt;&gt; &quot;é☃ 𝒳&apos;%2F+ ~' }),
      object({ Key: 'a/__proto__' }),
    ),
    'with an ETag of parts': page(TOLD, object({ ETag: '&#34;abc-12&#34;' })),
    'with an empty key': page(TOLD, object({ Key: '' })),
    'with many digits': page(TOLD, object({ Size: '999999999999999' })),
  };
  test.each(Object.entries(TAKEN))('%s are read here as the SDK reads them', async (_, xml) => {
    expect(cutContents(xml)).toBeDefined();
    const expected = await read(xml, false);
    expect(expected).toBeTypeOf('object');
    expect(await read(xml, true)).toEqual(expected);
  });

  const LEFT: Readonly<Record<string, string>> = {
    'that are none': page(TOLD),
    'that are written over several lines': page(TOLD, object().replaceAll('><', '>\n<')),
    'of which one is apart': page(object(), TOLD, object()),
    'with an element twice': page(object().replace('<Size>', '<Size>1</Size><Size>')),
    'with a key that ends in a blank': page(TOLD, object({ Key: 'a/b ' })),
    'with a key of a line end': page(TOLD, object({ Key: 'a/&#10;b' })),
    'with a carriage return': page(TOLD, object({ Key: 'a/\rb' })),
    'with another entity': page(TOLD, object({ Key: 'a/&euro;b' })),
    'with an ampersand by itself': page(TOLD, object({ Key: 'a/ & b' })),
    'with CDATA': page(TOLD, object({ Key: '<![CDATA[a/<b>]]>' })),
    'with a comment': page(TOLD, object(), '<!-- <Contents> -->'),
    'with an attribute': page(TOLD, object().replace('<Key>', '<Key a="1">')),
    'without a size': page(TOLD, object({ Size: '-' })),
    'with a size that is none': page(TOLD, object({ Size: '1e3' })),
    'with a size below nothing': page(TOLD, object({ Size: '-5' })),
    'without an ETag': page(TOLD, object({ ETag: '-' })),
    'with a time of another zone': page(TOLD, object({ LastModified: '2026-10-01T06:00:00+02:00' })),
    'with a time that is none': page(TOLD, object({ LastModified: '2026-13-01T06:00:00Z' })),
    'with no time': page(TOLD, object({ LastModified: '' })),
    'with what closes itself': page(TOLD, object().replace('<Key>', '<x/><Key>')),
    'that end in the middle': page(TOLD, object(), object()).slice(0, -200),
    'that are not closed': page(TOLD, object(), '<Contents><Key>a</Key>'),
  };
  test.each(Object.entries(LEFT))('%s are left to the SDK', async (_, xml) => {
    expect(cutContents(xml)).toBeUndefined();
    expect(await read(xml, true)).toEqual(await read(xml, false));
  });

  test('whose page is cut anywhere are not taken for the whole', async () => {
    const xml = page(TOLD, object(), object({ Key: 'a/b' }));
    for (let end = 0; end < xml.length; end += 7) {
      const cut = xml.slice(0, end);
      expect({ end, read: await read(cut, true) }).toEqual({ end, read: await read(cut, false) });
    }
  });

  test('of which any character is another one are read as the SDK reads them', async () => {
    const xml = page(TOLD, object(), object({ Key: 'a/&amp;b' }));
    const chance = seededChance(5);
    for (let i = 0; i < 600; i++) {
      const at = chance.below(xml.length);
      const changed = xml.slice(0, at) + chance.pick([...'<>/&;"x9- \n', '']) + xml.slice(at + 1);
      expect({ changed, read: await read(changed, true) }).toEqual({ changed, read: await read(changed, false) });
    }
  });
});
