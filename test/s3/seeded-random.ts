import { createHash } from 'node:crypto';

/**
 * Numbers from 0 up to 1 that follow from the seed alone. A seed per request, of the run's seed and of what the request is,
 * gives each request the same luck in whatever order they arrive.
 */
export function seededRandom(...seed: readonly (string | number)[]): () => number {
  let drawn = 0;
  return () => {
    const digest = createHash('sha256')
      .update(JSON.stringify([...seed, drawn++]))
      .digest();
    return digest.readUInt32BE(0) / 2 ** 32;
  };
}
