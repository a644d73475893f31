import type { EngineReply, EngineRequest } from '../engines/engine-messages.js';
import { openDuckDB } from '../engines/duckdb.js';
import { serveEngine } from '../engines/serve-engine.js';
import { INTERRUPT_SIGNALS } from './signals.js';

// What `forkEngine` starts: an engine for the process at the other end of the channel.

// Ctrl-C goes to the whole group; what becomes of the engine is for the other process to say.
for (const signal of INTERRUPT_SIGNALS) process.on(signal, () => undefined);

// No engine without its owner. Ending in an orderly way would wait for the statement that is running.
const end = (): void => void process.kill(process.pid, 'SIGKILL');
process.on('disconnect', end);
if (!process.connected) end();

serveEngine(
  {
    send: (reply: EngineReply) => void process.send?.(reply),
    listen: (listener) => process.on('message', (request: EngineRequest) => listener(request)),
  },
  openDuckDB,
);

// Loaded while the other process does not yet know what to ask. A failure shows when the engine is opened.
import('../engines/duckdb-driver.js').catch(() => undefined);
