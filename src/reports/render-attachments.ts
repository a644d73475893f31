import { renderCsv } from '../output/csv.js';
import { once } from '../output/once.js';
import type { Report } from './report.js';

/** A file that belongs to a report. */
export interface Attachment {
  /** The ending of its name: `metering.csv`. */
  readonly ending: string;
  readonly text: string;
}

/** The sections that are also to be had as CSV, with all their rows. */
export async function renderAttachments({ sections }: Report, csvRaw: boolean): Promise<readonly Attachment[]> {
  const attachments: Attachment[] = [];
  for (const { csv, columns, rows, compared } of sections) {
    if (csv === undefined) continue;
    const own = columns.filter(({ name }) => name !== compared?.before);
    let text = '';
    for await (const block of renderCsv({ columns: own, chunks: once(rows), csvRaw })) text += block;
    attachments.push({ ending: `${csv}.csv`, text });
  }
  return attachments;
}
