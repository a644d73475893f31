import type { Accounting } from '../dataset/accounting.js';
import type { PlannedObject } from '../dataset/plan-scan.js';
import type { Row } from '../engines/engine.js';
import { askQuestions } from '../queries/ask-questions.js';
import { FORMATS_FOUND } from '../queries/formats-found.js';
import { describeLayouts } from './describe-plan.js';
import type { CommandFlags } from './flags.js';
import { explainUnknown } from './explain-unknown.js';
import { formatBytes } from './format-amount.js';
import type { ReadingPlan } from './plan-reading.js';
import { printSections, refuseFormats, ROW_FORMATS, type Section } from './print-sections.js';
import { openReadingRun, withRequests, type OpeningEngine } from './reading-run.js';
import { readOrPlan } from './read-or-plan.js';
import { reportAccounting } from './report-accounting.js';
import { withRunResources, type RunResources } from './run-resources.js';

/** Upper ends of the size classes, in bytes. Objects below a few megabytes are what makes a source slow to read. */
const SIZE_CLASSES = [1e3, 1e4, 1e5, 1e6, 1e7, 1e8, Infinity] as const;

export interface InspectRequest {
  readonly sources: readonly string[];
  readonly flags: CommandFlags;
}

/** Reads the sources and prints what is there: the keys' side of it, the records' side, sizes, and what was in trouble. */
export async function inspectSources({ sources, flags }: InspectRequest): Promise<void> {
  refuseFormats('a report of several tables', ROW_FORMATS, flags);
  await withRunResources(flags, (resources) =>
    readOrPlan({ sources, flags, resources }, (listed, opening) =>
      readAndDescribe(listed, flags, { resources, opening }),
    ),
  );
}

async function readAndDescribe(
  reading: ReadingPlan,
  flags: CommandFlags,
  { resources, opening }: { readonly resources: RunResources; readonly opening: OpeningEngine },
): Promise<void> {
  const { progress, started } = resources;
  const request = await openReadingRun(reading, flags, { resources, opening });
  const { dataset, answers } = await askQuestions({
    ...request,
    questions: [{ query: FORMATS_FOUND, parameters: {} }],
  });
  const formats: Row[] = [];
  let columns: Section['columns'] = [];
  for await (const answer of answers) {
    columns = answer.columns;
    for await (const rows of answer.chunks) formats.push(...rows);
  }
  progress.stop();
  const accounting = withRequests(dataset.accounting, reading);
  const sections = describeSource(reading, { title: 'formats', columns, rows: formats }, accounting);
  if ((await printSections(sections, flags, { accounting })) === 'closed') return;
  const { unknownKeys } = dataset;
  if (unknownKeys !== undefined) throw explainUnknown(unknownKeys);
  reportAccounting({ accounting, notes: [], seconds: (performance.now() - started) / 1000, flags });
}

function describeSource(reading: ReadingPlan, formats: Section, accounting: Accounting): readonly Section[] {
  const { objects } = reading.plan;
  return [describeLayouts(objects), formats, describeSizes(objects), describeTrouble(accounting)];
}

function describeSizes(objects: readonly PlannedObject[]): Section {
  const classes = SIZE_CLASSES.map((top, index) => ({
    top,
    from: SIZE_CLASSES[index - 1] ?? 0,
    objects: 0n,
    bytes: 0n,
  }));
  for (const { object } of objects) {
    const found = classes.find(({ top }) => object.size < top);
    if (found === undefined) continue;
    found.objects++;
    found.bytes += BigInt(object.size);
  }
  return {
    title: 'sizes',
    columns: [
      { name: 'size', type: 'text' },
      { name: 'objects', type: 'integer' },
      { name: 'bytes', type: 'integer' },
    ],
    rows: classes
      .filter((one) => one.objects > 0n)
      .map(({ top, from, objects: count, bytes }) => [describeClass(from, top), count, bytes]),
  };
}

function describeClass(from: number, top: number): string {
  return top === Infinity ? `${formatBytes(from)} and more` : `${formatBytes(from)} to ${formatBytes(top)}`;
}

function describeTrouble({ reasons }: Accounting): Section {
  return {
    title: 'trouble',
    columns: [
      { name: 'reason', type: 'text' },
      { name: 'count', type: 'integer' },
      { name: 'example', type: 'text' },
    ],
    rows: reasons.map(({ reason, count, example }) => [reason, BigInt(count), example === '' ? null : example]),
  };
}
