import { isIncomplete, type Accounting } from '../dataset/accounting.js';
import { UserError } from '../errors.js';
import { formatCountOf } from './format-amount.js';

/**
 * Makes sure that nothing is made from a part as if it were the whole.
 * @param consequence what is not done
 * @throws UserError (`incomplete`) where something could not be read and `--allow-partial` was not given
 */
export function refuseIncomplete(
  accounting: Accounting,
  flags: { readonly 'allow-partial': boolean },
  consequence: string,
): void {
  if (!isIncomplete(accounting) || flags['allow-partial']) return;
  const { objects, records, reasons } = accounting;
  const shown = reasons
    .slice(0, 5)
    .map(({ reason, count, example }) => `${reason} × ${count}${example === '' ? '' : ` (e.g. ${example})`}`);
  throw new UserError(
    `Not everything could be read (${formatCountOf(objects.failed, 'object')} failed, ${formatCountOf(records.quarantined, 'record')} quarantined): ${consequence}`,
    { wayOut: [...shown, '--allow-partial takes what could be read for all there is.'], exitCode: 'incomplete' },
  );
}
