import type { Checksum } from './checksums.js';

/** One version of an object, or the mark that it was deleted. */
export interface ObjectVersion {
  readonly key: string;
  /** `null` where the bucket keeps no versions. */
  readonly versionId: string;
  readonly deleteMarker: boolean;
  readonly body: Buffer;
  /** With its quotes. */
  readonly etag: string;
  readonly lastModified: Date;
  readonly checksum: Checksum | undefined;
  /** Content-Type, x-amz-meta-… and others that are given back as they came. */
  readonly headers: Readonly<Record<string, string>>;
  readonly storageClass: string;
  readonly tags: readonly (readonly [string, string])[];
}

/** The objects of a bucket: per key its versions, the newest first. */
export class ObjectTable {
  readonly #versions = new Map<string, ObjectVersion[]>();
  #keys: string[] = [];
  #sorted = true;

  /** Every key that has a version, deleted or not, in the order of its UTF-8 bytes. */
  keys(): readonly string[] {
    if (!this.#sorted) this.#keys.sort(compareUtf8);
    this.#sorted = true;
    return this.#keys;
  }

  versions(key: string): readonly ObjectVersion[] {
    return this.#versions.get(key) ?? [];
  }

  /** The newest version; undefined when there is none or it says deleted. */
  current(key: string): ObjectVersion | undefined {
    const newest = this.#versions.get(key)?.[0];
    return newest?.deleteMarker === false ? newest : undefined;
  }

  /** Adds the version as the newest, in place of one with the same id. */
  add(version: ObjectVersion): void {
    const versions = this.#versions.get(version.key);
    if (versions === undefined) {
      this.#keys.push(version.key);
      this.#sorted = false;
    }
    const others = (versions ?? []).filter(({ versionId }) => versionId !== version.versionId);
    this.#versions.set(version.key, [version, ...others]);
  }

  /** Puts the version in the place of the one with its id, without making it the newest. */
  replace(version: ObjectVersion): void {
    const versions = this.versions(version.key);
    this.#versions.set(
      version.key,
      versions.map((one) => (one.versionId === version.versionId ? version : one)),
    );
  }

  remove(key: string, versionId: string): void {
    const left = this.versions(key).filter((version) => version.versionId !== versionId);
    if (left.length > 0) this.#versions.set(key, left);
    else if (this.#versions.delete(key)) this.#keys.splice(firstAtLeast(this.keys(), key), 1);
  }
}

/** The place of the first key that is not below the given one. */
export function firstAtLeast(keys: readonly string[], key: string): number {
  let [low, high] = [0, keys.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareUtf8(keys[middle] ?? '', key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The order of the UTF-8 bytes, which is not that of JavaScript's units: surrogates come after U+E000–U+FFFF. */
export function compareUtf8(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let at = 0; at < length; at++) {
    const [a, b] = [left.charCodeAt(at), right.charCodeAt(at)];
    if (a !== b) return rank(a) - rank(b);
  }
  return left.length - right.length;
}

function rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
