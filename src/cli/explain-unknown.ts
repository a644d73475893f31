import { UserError } from '../errors.js';
import { suggestMap } from '../formats/suggest-map.js';

/** Says that no record is of a known format, with the keys of the first one and a map of it to fill in. */
export function explainUnknown(keys: readonly string[]): UserError {
  return new UserError(`No record is of a known format; the first has the keys: ${keys.join(', ')}`, {
    wayOut: [
      'Describe the format in awsusage.config.json, in the folder you work in or one above it:',
      ...suggestMap(keys).split('\n'),
    ],
  });
}
