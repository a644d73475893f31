/** A stream of one value: what is there as a whole, for those who take streams. */
export async function* once<T>(value: T): AsyncIterable<T> {
  yield value;
}
