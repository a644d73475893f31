import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Engine, RowStream } from '../../src/engines/engine.js';
import { openEngine } from '../queries/duckdb-engine.js';

let engine: Engine;

beforeAll(async () => {
  engine = await openEngine();
});

afterAll(() => engine.close());

describe('an answer that is read as it comes', () => {
  test.each<[string, () => Promise<unknown>]>([
    ['rows', () => engine.rows('SELECT 1')],
    ['run', () => engine.run('CREATE OR REPLACE TABLE other AS SELECT 1')],
    ['stream', () => engine.stream('FROM range(5)')],
  ])('is not taken for complete where %s came in between', async (_name, disturb) => {
    const answer = await engine.stream('FROM range(10000)');
    await expect(count(answer, disturb)).rejects.toThrow('Another statement began before this answer was read');
  });

  test('is whole once the one before it was given up', async () => {
    const first = await engine.stream('FROM range(10000)');
    const second = await engine.stream('FROM range(20000)');
    await expect(count(first)).rejects.toThrow('Another statement began');
    expect(await count(second)).toBe(20_000);
  });

  test('may be left early', async () => {
    for await (const chunk of (await engine.stream('FROM range(10000)')).chunks) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
    expect(await count(await engine.stream('FROM range(3)'))).toBe(3);
  });
});

/** Counts the rows, and does something else after the first of them. */
async function count({ chunks }: RowStream, afterFirst?: () => Promise<unknown>): Promise<number> {
  let rows = 0;
  for await (const chunk of chunks) {
    if (rows === 0) await afterFirst?.();
    rows += chunk.length;
  }
  return rows;
}
