/**
 * The container of an object's records is broken: a cut gzip member, a wrong checksum, an array without its end.
 * The whole object fails. The message is the reason alone, without the key.
 */
export class BrokenContainer extends Error {
  constructor(reason: string, options?: ErrorOptions) {
    super(reason, options);
    this.name = 'BrokenContainer';
  }
}
