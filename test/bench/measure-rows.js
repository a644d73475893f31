import { compareAll, ProgramFailed } from './measure.js';
import { NOT_INSTALLED } from './peer-programs.js';

/**
 * Measures one program against its peers and gives a row for each of them: {row, what, goal, ours, theirs, ratio}, or
 * {note} in place of the figures where the peer is missing, or {failure} where the peer or the program itself went wrong.
 */
export async function measureAgainst(options, { row, what, ours, peers }) {
  say(what);
  const rows = peers.map(({ name, goal }) => ({ row, what: `${what} / ${name}`, goal }));
  const present = peers.filter(({ missing }) => missing !== true);
  const failures = new Map();
  const programs = present.map((peer) => () => runUnlessFailed(peer, failures));
  const { failure, value } = await attempt(() => compareAll(options, [ours, ...programs]));
  if (failure !== undefined) return rows.map((one) => ({ ...one, failure }));
  const [mine, ...others] = value;
  return rows.map((one, index) => {
    const peer = peers[index];
    if (failures.has(peer)) return { ...one, failure: failures.get(peer) };
    if (peer.missing === true) return { ...one, ours: mine.ms, note: NOT_INSTALLED };
    const { ms, ratio } = others[present.indexOf(peer)];
    return { ...one, ours: mine.ms, theirs: ms, ratio };
  });
}

/** A peer that fails costs its own row alone, and is not asked again. */
async function runUnlessFailed(peer, failures) {
  if (failures.has(peer)) return { ms: NaN };
  const { failure, value } = await attempt(peer.run);
  if (failure === undefined) return value;
  failures.set(peer, failure);
  return { ms: NaN };
}

/** A row of one measurement, with what `measure` gives beside it. */
export async function measureRow(row, measure) {
  say(row.what);
  const { failure, value } = await attempt(measure);
  return failure === undefined ? { ...row, ...value } : { ...row, failure };
}

/** {value}, or {failure} where a measured program failed. */
export async function attempt(measure) {
  try {
    return { value: await measure() };
  } catch (error) {
    if (!(error instanceof ProgramFailed || error instanceof SyntaxError || error instanceof TypeError)) throw error;
    return { failure: error.message };
  }
}

/** A number as a person reads it. */
export function amount(number) {
  return number.toLocaleString('en');
}

export function say(text) {
  process.stderr.write(`${text}\n`);
}
