/** Keys whose array of objects holds the records of an envelope: CloudTrail files, `lookup-events`, CloudWatch Logs subscriptions. */
const RECORD_KEYS: ReadonlySet<string> = new Set(['Records', 'Events', 'logEvents']);
const LONGEST_RECORD_KEY = 'logEvents'.length;

/** Beyond this many distinct key prefixes, or bytes of keys, the tree starts again, so that hostile keys cannot fill the memory. */
const MAX_NODES = 50_000;
const MAX_KEY_BYTES = 16 * 1024 * 1024;
/** Up to this many children are looked through one by one, which needs no text of the key. */
const FEW_CHILDREN = 16;

/** A sequence of top-level keys. Records that are written by one program share a few of these. */
export interface ShapeNode {
  /** The last key of the sequence, as its bytes stand in the record (escapes not resolved). */
  readonly key: Uint8Array;
  /** Whether the key is written without escapes. */
  readonly plain: boolean;
  readonly parent: ShapeNode | undefined;
  /** Whether the last key may hold the records of an envelope. */
  readonly holdsRecords: boolean;
  readonly next: ShapeNode[];
  /** The children by their keys, once there are so many that looking through `next` would take long. */
  index: Map<string, ShapeNode> | undefined;
  /** The child that was taken last: nearly always the one that is taken next. */
  latest: ShapeNode | undefined;
  /** What a reader has found out about records with these keys; it belongs to the reader. */
  meaning: unknown;
}

/** All key sequences met so far, as a tree: one comparison of bytes per key tells a record's shape. */
export class ShapeTree {
  root: ShapeNode = newNode(new Uint8Array(0), undefined);
  #nodes = 1;
  #keyBytes = 0;

  /** The sequence `node` with the key `bytes[start..end)` added. */
  step(node: ShapeNode, bytes: Uint8Array, start: number, end: number): ShapeNode {
    const { latest } = node;
    if (latest !== undefined && equalBytes(latest.key, bytes, start, end)) return latest;
    // A copy: `slice` of a Buffer would be a view of a buffer that the next object is read into.
    const child = findChild(node, bytes, start, end) ?? this.#add(node, new Uint8Array(bytes.subarray(start, end)));
    node.latest = child;
    return child;
  }

  #add(node: ShapeNode, key: Uint8Array): ShapeNode {
    if (this.#nodes >= MAX_NODES || this.#keyBytes >= MAX_KEY_BYTES) this.#startAgain();
    const child = newNode(key, node);
    node.next.push(child);
    node.index?.set(textOf(key), child);
    if (node.next.length > FEW_CHILDREN) node.index ??= new Map(node.next.map((each) => [textOf(each.key), each]));
    this.#nodes++;
    this.#keyBytes += key.length;
    return child;
  }

  #startAgain(): void {
    this.root = newNode(new Uint8Array(0), undefined);
    this.#nodes = 1;
    this.#keyBytes = 0;
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

/** Whether a key, as its bytes stand in the record, may hold the records of an envelope. */
export function isRecordKey(key: Uint8Array): boolean {
  return key.length <= LONGEST_RECORD_KEY && RECORD_KEYS.has(textOf(key));
}

function newNode(key: Uint8Array, parent: ShapeNode | undefined): ShapeNode {
  const holdsRecords = isRecordKey(key);
  return {
    key,
    plain: !key.includes(0x5c),
    parent,
    holdsRecords,
    next: [],
    index: undefined,
    latest: undefined,
    meaning: undefined,
  };
}

function findChild(node: ShapeNode, bytes: Uint8Array, start: number, end: number): ShapeNode | undefined {
  if (node.index !== undefined) return node.index.get(textOf(bytes.subarray(start, end)));
  return node.next.find((candidate) => equalBytes(candidate.key, bytes, start, end));
}

/** Each byte as a character, so that different keys stay different. */
function textOf(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.length).toString('latin1');
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
