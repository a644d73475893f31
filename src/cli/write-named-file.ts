import { rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { v7 as newId } from 'uuid';
import { writeFileWhole } from '../storage/write-file-whole.js';
import { onInterrupt } from './signals.js';

export interface NamedFile {
  /** As the user gave it. */
  readonly path: string;
  readonly text: string;
}

/**
 * Writes a file that the user named, whole or not at all; Ctrl-C leaves nothing beside it.
 * @throws UserError where it cannot be written
 */
export async function writeNamedFile({ path, text }: NamedFile): Promise<void> {
  let beside: string | undefined;
  const watch = onInterrupt(() => {
    if (beside !== undefined) rmSync(beside, { force: true });
  });
  try {
    const onBeside = (temporary: string): void => void (beside = temporary);
    const bytes = Buffer.from(text);
    await writeFileWhole({ path: resolve(process.cwd(), path), name: path, bytes, newName: newId(), onBeside });
  } finally {
    watch.stop();
  }
}
