import { parseNormalRules } from '../calls/parse-normal-rules.js';
import { once } from '../output/once.js';
import { findConfiguration } from './find-configuration.js';
import type { OutputFlags } from './flags.js';
import { renderRows } from '../output/row-formats.js';
import { withRunResources } from './run-resources.js';
import { terminalOptions } from './terminal-options.js';
import { writeStdout } from './write-stdout.js';

const COLUMNS = ['rule', 'from', 'pattern', 'replacement'].map((name) => ({ name, type: 'text' }) as const);

/**
 * Prints the rules by which texts that differ from run to run become the same, in the order in which they are applied.
 * @throws UserError for a configuration that cannot be used
 */
export async function printRules(flags: OutputFlags): Promise<void> {
  await withRunResources(flags, async (resources) => {
    const config = await findConfiguration(resources);
    const rules = parseNormalRules(config?.snapshots, config?.path);
    const rows = rules.map(({ name, isOwn, pattern, replacement }) => [
      name,
      isOwn ? 'configuration' : 'awsusage',
      pattern,
      replacement,
    ]);
    const format = flags.json ? 'json' : flags.output;
    await writeStdout(
      renderRows(format, { ...terminalOptions(flags), columns: COLUMNS, chunks: once(rows) }),
      process.stdout,
    );
  });
}
