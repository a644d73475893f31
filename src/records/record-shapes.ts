/** Keys whose array of objects holds the records of an envelope: CloudTrail files, `lookup-events`, CloudWatch Logs subscriptions. */
const RECORD_KEYS: ReadonlySet<string> = new Set(['Records', 'Events', 'logEvents']);

/** Beyond this many distinct key prefixes the tree starts again, so that hostile keys cannot fill the memory. */
const MAX_NODES = 50_000;

/** A sequence of top-level keys. Records that are written by one program share a few of these. */
export interface ShapeNode {
  /** The last key of the sequence, as its bytes stand in the record (escapes not resolved). */
  readonly key: Uint8Array;
  readonly parent: ShapeNode | undefined;
  /** Whether the last key may hold the records of an envelope. */
  readonly holdsRecords: boolean;
  readonly next: ShapeNode[];
  /** The child that was taken last: nearly always the one that is taken next. */
  latest: ShapeNode | undefined;
  /** What a reader has found out about records with these keys; it belongs to the reader. */
  meaning: unknown;
}

/** All key sequences met so far, as a tree: one comparison of bytes per key tells a record's shape. */
export class ShapeTree {
  root: ShapeNode = newNode(new Uint8Array(0), undefined);
  #nodes = 1;

  /** The sequence `node` with the key `bytes[start..end)` added. */
  step(node: ShapeNode, bytes: Uint8Array, start: number, end: number): ShapeNode {
    const { latest } = node;
    if (latest !== undefined && equalBytes(latest.key, bytes, start, end)) return latest;
    let child = node.next.find((candidate) => equalBytes(candidate.key, bytes, start, end));
    if (child === undefined) {
      if (this.#nodes >= MAX_NODES) this.#startAgain();
      child = newNode(bytes.slice(start, end), node);
      node.next.push(child);
      this.#nodes++;
    }
    node.latest = child;
    return child;
  }

  #startAgain(): void {
    this.root = newNode(new Uint8Array(0), undefined);
    this.#nodes = 1;
  }
}

/** A tree that no record is ever added to. */
export const ROOT_SHAPES = new ShapeTree();

/** The keys of a sequence in their order, escapes resolved. */
export function shapeKeys(node: ShapeNode): string[] {
  const keys: string[] = [];
  for (let at: ShapeNode | undefined = node; at?.parent !== undefined; at = at.parent) keys.push(decodeKey(at.key));
  return keys.reverse();
}

/** Whether a key of the sequence is written with an escape. */
export function hasEscapedKey(node: ShapeNode): boolean {
  for (let at: ShapeNode | undefined = node; at?.parent !== undefined; at = at.parent) {
    if (at.key.includes(0x5c)) return true;
  }
  return false;
}

function newNode(key: Uint8Array, parent: ShapeNode | undefined): ShapeNode {
  const holdsRecords = RECORD_KEYS.has(Buffer.from(key).toString('latin1'));
  return { key, parent, holdsRecords, next: [], latest: undefined, meaning: undefined };
}

function decodeKey(key: Uint8Array): string {
  const text = Buffer.from(key).toString('utf8');
  return text.includes('\\') ? (JSON.parse(`"${text}"`) as string) : text;
}

function equalBytes(key: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  const { length } = key;
  if (length !== end - start) return false;
  for (let i = 0; i < length; i++) if (key[i] !== bytes[start + i]) return false;
  return true;
}
