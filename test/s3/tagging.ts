import { type Answer, type Call, emptyAnswer, findObject, versionHeader, xmlAnswer } from './answer.js';
import type { ObjectVersion } from './object-table.js';
import { readXml, textOf } from './xml.js';

export function getObjectTagging({ request, bucket }: Call): Answer {
  const version = findObject(bucket, request.key, request.query['versionId']);
  const tags = version.tags.map(
    ([key, value]) =>
      [
        'Tag',
        [
          ['Key', key],
          ['Value', value],
        ],
      ] as const,
  );
  return xmlAnswer('Tagging', [['TagSet', tags]], versionHeader(bucket, version));
}

export function putObjectTagging(call: Call): Answer {
  const set = readXml(call.payload.bytes, 'Tagging').children.find(({ name }) => name === 'TagSet');
  const tags = (set?.children ?? []).map((tag) => [textOf(tag, 'Key') ?? '', textOf(tag, 'Value') ?? ''] as const);
  return emptyAnswer(200, replaceTags(call, tags));
}

export function deleteObjectTagging(call: Call): Answer {
  return emptyAnswer(204, replaceTags(call, []));
}

function replaceTags({ request, bucket }: Call, tags: ObjectVersion['tags']): Record<string, string> {
  const version = findObject(bucket, request.key, request.query['versionId']);
  bucket.objects.replace({ ...version, tags });
  return versionHeader(bucket, version);
}
