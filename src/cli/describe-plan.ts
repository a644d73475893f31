import type { Value } from '../engines/engine.js';
import type { PlannedObject } from '../dataset/plan-scan.js';
import type { Section } from './print-sections.js';
import { isoText, type ReadingPlan } from './plan-reading.js';

/** What would be read, as tables: the total with the time span of the keys, what is left out, and the layouts. */
export function describePlan({ plan, stores }: ReadingPlan): readonly Section[] {
  const { keyTime } = plan;
  const total: Section = {
    title: 'to read',
    columns: [
      { name: 'source', type: 'text' },
      { name: 'objects', type: 'integer' },
      { name: 'bytes', type: 'integer' },
      { name: 'keys_from', type: 'timestamp' },
      { name: 'keys_to', type: 'timestamp' },
      { name: 'skipped', type: 'integer' },
      { name: 'unreadable', type: 'integer' },
    ],
    rows: [
      [
        stores.map(({ name }) => name).join(', '),
        BigInt(plan.objects.length),
        BigInt(plan.bytes),
        keyTime === undefined ? null : isoText(keyTime.from),
        keyTime === undefined ? null : isoText(keyTime.to),
        BigInt(plan.skipped.length),
        BigInt(plan.failed.length),
      ],
    ],
  };
  return [total, describeLayouts(plan.objects)];
}

/** Objects and bytes of each layout, the most objects first. */
export function describeLayouts(objects: readonly PlannedObject[]): Section {
  const layouts = new Map<string, { objects: bigint; bytes: bigint }>();
  for (const { layout, object } of objects) {
    const { objects: count, bytes } = layouts.get(layout) ?? { objects: 0n, bytes: 0n };
    layouts.set(layout, { objects: count + 1n, bytes: bytes + BigInt(object.size) });
  }
  const rows = [...layouts].map(([layout, { objects: count, bytes }]): Value[] => [layout, count, bytes]);
  return {
    title: 'layouts',
    columns: [
      { name: 'layout', type: 'text' },
      { name: 'objects', type: 'integer' },
      { name: 'bytes', type: 'integer' },
    ],
    rows: rows.sort((a, b) => Number(b[1]) - Number(a[1])),
  };
}
