import type { Tally } from './tally.js';

/** From this many objects on, documents with the same keys are taken for records of a log that nobody knows. */
const LOG_OBJECTS = 3;
const SHOWN_KEYS = 6;

/**
 * Objects that hold a single JSON document of no known format. One is metadata that lies beside logs and is skipped; many of
 * a kind are a log of which each record got an object of its own, and leaving it out is a failure.
 */
export class LoneDocuments {
  readonly #byKeys = new Map<string, { keys: readonly string[]; objects: string[] }>();

  add(object: string, keys: readonly string[]): void {
    const kind = JSON.stringify(keys);
    const known = this.#byKeys.get(kind);
    if (known === undefined) this.#byKeys.set(kind, { keys, objects: [object] });
    else known.objects.push(object);
  }

  /** Tells the tally what the objects were; called when all have been read. */
  settle(tally: Tally): void {
    for (const { keys, objects } of this.#byKeys.values()) {
      for (const object of objects) {
        const example = `${object}, ${showKeys(keys)}`;
        if (objects.length < LOG_OBJECTS) tally.objectSkipped(example, 'a JSON document that is no log');
        else tally.objectFailed(example, 'a record of an unknown format');
      }
    }
  }
}

/** The first keys of a record, for people. */
export function showKeys(keys: readonly string[]): string {
  const shown = keys.slice(0, SHOWN_KEYS).map((key) => (key.length > 40 ? `${key.slice(0, 40)}…` : key));
  return `keys: ${shown.join(', ')}${keys.length > SHOWN_KEYS ? ', …' : ''}`;
}
