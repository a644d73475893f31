import { findConfig, readConfig } from './config-file.js';
import type { Config } from './parse-config.js';
import type { RunResources } from './run-resources.js';

/**
 * The configuration of the folder that the command runs in, or of one above it; undefined where there is none. Warns of those
 * that are passed over.
 * @throws UserError for one that cannot be read
 */
export async function findConfiguration({ progress }: RunResources): Promise<Config | undefined> {
  const { path, warnings } = await findConfig(process.cwd());
  for (const warning of warnings) progress.warn(`Warning: ${warning}`);
  return path === undefined ? undefined : readConfig(path);
}
