import { isIncomplete, type Accounting } from '../dataset/accounting.js';
import { groupDigits } from './describe-change.js';

/** What a report rests on, in one sentence, and a second one where something is missing from it. */
export function describeCompleteness(accounting: Accounting): readonly string[] {
  const { objects, records } = accounting;
  const amount = (count: number, what: string): string => `${groupDigits(String(count))} ${what}`;
  const read = [
    amount(objects.read, 'objects read'),
    amount(records.kept, 'records kept'),
    amount(records.duplicate, 'duplicates dropped'),
    amount(records.filtered, 'records filtered out'),
  ];
  const missing = `This report is incomplete: ${amount(objects.failed, 'objects')} and ${amount(records.quarantined, 'records')} could not be read.`;
  return [`${read.join(', ')}.`, ...(isIncomplete(accounting) ? [missing] : [])];
}
