const SLOT = /^(?:(?<partition>.*)\/)?c-(?<number>\d{8})\.parquet$/s;

/** Where a slot is, below its destination. */
export interface SlotPlace {
  /** `year=2026/month=11`; empty for a destination without partitions. */
  readonly partition: string;
  /** From 1 on, without gaps within a partition. */
  readonly number: number;
}

/** The key of a slot: `year=2026/month=11/c-00000001.parquet`. */
export function slotKey({ partition, number }: SlotPlace): string {
  return `${folderOf(partition)}c-${digits(number)}.parquet`;
}

/** The place of a slot by its key; undefined for a key that is none of a slot. */
export function parseSlotKey(key: string): SlotPlace | undefined {
  const groups = SLOT.exec(key)?.groups;
  if (groups === undefined) return undefined;
  return { partition: groups['partition'] ?? '', number: Number(groups['number']) };
}

/** The key of the copy of a slot's facts, below the ledger: `commits/year=2026/month=11/00000001.json.gz`. */
export function commitKey({ partition, number }: SlotPlace): string {
  return `commits/${folderOf(partition)}${digits(number)}.json.gz`;
}

/** The place of the slot that a key below the ledger holds the facts of; undefined for other keys. */
export function parseCommitKey(key: string): SlotPlace | undefined {
  const groups = /^commits\/(?:(?<partition>.*)\/)?(?<number>\d{8})\.json\.gz$/s.exec(key)?.groups;
  if (groups === undefined) return undefined;
  return { partition: groups['partition'] ?? '', number: Number(groups['number']) };
}

/** The key of the list of a batch's inputs, below the ledger. */
export function planKey(batchId: string): string {
  return `plans/${batchId}.json.gz`;
}

function folderOf(partition: string): string {
  return partition === '' ? '' : `${partition}/`;
}

function digits(number: number): string {
  return String(number).padStart(8, '0');
}
