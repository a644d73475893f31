import { ObjectReadError, type ObjectStore } from './object-store.js';

/** Standard input as a store of one object, `stdin`, of unknown size (0), that can be read once. */
export function openStdinStore(stdin: AsyncIterable<Uint8Array>): ObjectStore {
  let isRead = false;
  return {
    name: 'standard input',
    single: true,
    readOnce: true,
    list: async function* () {
      yield { kind: 'object', object: { key: 'stdin', size: 0, identity: 'stdin:', version: '' } };
    },
    read: async function* () {
      if (isRead) throw new ObjectReadError('standard input can be read only once');
      isRead = true;
      try {
        yield* stdin;
      } catch (error) {
        throw new ObjectReadError('standard input broke off', { cause: error });
      }
    },
  };
}
