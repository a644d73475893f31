import { appendFile, stat } from 'node:fs/promises';
import { codeOf } from '../storage/file-errors.js';

/** A step of GitHub Actions that has more shows nothing at all. */
const MOST_BYTES = 1024 * 1024;
/** Less is no report. */
const FEWEST_BYTES = 2048;

export interface StepSummary {
  /** The file that `GITHUB_STEP_SUMMARY` names; undefined or empty where there is none. */
  readonly path: string | undefined;
  /** Gives the text, in at most so many bytes. */
  readonly render: (mostBytes: number) => Promise<string>;
}

/** Adds a report to the summary of the step that runs, as far as it has room. Gives a note where that was not possible. */
export async function addToStepSummary({ path, render }: StepSummary): Promise<string | undefined> {
  if (path === undefined || path === '') return undefined;
  try {
    const taken = await sizeOf(path);
    const room = MOST_BYTES - taken - 1;
    if (room < FEWEST_BYTES) return 'The summary of the step is full: the report was not added';
    const text = await render(room - 1);
    await appendFile(path, taken === 0 ? text : `\n${text}`);
    return undefined;
  } catch (error) {
    return `The report was not added to the summary of the step, ${path}: ${codeOf(error)}`;
  }
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return 0;
    throw error;
  }
}
