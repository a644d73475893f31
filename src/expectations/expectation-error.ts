/** A mistake in the text of an expectation, with its place there. */
export class ExpectationError extends Error {
  /** How many characters are before the mistake. */
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.name = 'ExpectationError';
    this.offset = offset;
  }
}
