/** Gives `prefix-1`, `prefix-2`, …: names that are the same in every run. */
export function newNames(prefix: string): () => string {
  let count = 0;
  return () => `${prefix}-${++count}`;
}
