import { availableParallelism } from 'node:os';

/**
 * Prints the measured rows beside their goals. `rows`: {row, what, goal: {atMost} or {atMostBytes}} and either {failure} or
 * {ours, theirs, ratio} in milliseconds or {bytes} or {note: why there is no figure}, without a goal where there is none;
 * `quick`: the sizes are too small to say anything, and nothing is judged.
 */
export function printTable(rows, { quick }) {
  console.log(
    `Node ${process.versions.node}, ${process.platform} ${process.arch}, ${availableParallelism()} processors`,
  );
  if (quick) console.log('Small sizes: the figures say only that everything runs.');
  const cells = [['', 'what', 'awsusage', 'peer', 'ratio', 'goal', ''], ...rows.map((row) => toCells(row, quick))];
  const widths = cells[0].map((_, column) => Math.max(...cells.map((line) => line[column].length)));
  for (const line of cells)
    console.log(
      line
        .map((cell, column) => pad(cell, widths[column], column))
        .join('  ')
        .trimEnd(),
    );
  for (const { row, failure } of rows) if (failure !== undefined) console.log(`\n${row} failed: ${failure}`);
}

/** A row as one line, for those who wait for the others. */
export function describeRow(row, { quick }) {
  return toCells(row, quick)
    .filter((cell) => cell !== '')
    .join('  ');
}

function pad(cell, width, column) {
  return column >= 2 && column <= 4 ? cell.padStart(width) : cell.padEnd(width);
}

function toCells({ row, what, goal, failure, note, ours, theirs, ratio, bytes }, quick) {
  const goalText = describeGoal(goal);
  if (failure !== undefined) return [row, what, 'failed', '', '', goalText, ''];
  if (note !== undefined) return [row, what, ours === undefined ? '' : seconds(ours), '', '', goalText, note];
  if (bytes !== undefined)
    return [row, what, megabytes(bytes), '', '', goalText, quick ? '' : judge(bytes, goal.atMostBytes)];
  const verdict = quick || goal === undefined ? '' : judge(ratio, goal.atMost);
  return [row, what, seconds(ours), seconds(theirs), ratio.toFixed(2), goalText, verdict];
}

function judge(figure, atMost) {
  return figure <= atMost ? 'met' : 'missed';
}

function describeGoal(goal) {
  if (goal === undefined) return '';
  return goal.atMostBytes === undefined ? `<= ${goal.atMost.toFixed(2)}` : `<= ${megabytes(goal.atMostBytes)}`;
}

function seconds(ms) {
  return ms < 1000 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(2)} s`;
}

function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}
