import { REAL_SERVERS, startRealServer } from './real-servers.js';

/** Starts each server once before the first test: one that is missing fails the run, with what to do about it. */
export async function setup(): Promise<void> {
  const starts = await Promise.allSettled(REAL_SERVERS.map(async (name) => (await startRealServer(name)).stop()));
  const problems = starts.flatMap((start) => (start.status === 'rejected' ? [String(start.reason)] : []));
  if (problems.length > 0) throw new Error(problems.join('\n'));
}
