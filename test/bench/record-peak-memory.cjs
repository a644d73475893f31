'use strict';
// Loaded before a measured program: writes the process's peak resident memory, in bytes, as it ends.
const fs = require('node:fs');
const path = require('node:path');

process.on('exit', () => {
  fs.writeFileSync(path.join(process.env.AWSUSAGE_BENCH_PEAKS, String(process.pid)), String(readPeak()));
});

function readPeak() {
  // On Linux the kernel's figure for rusage starts from what the parent had before exec; VmHWM is this program's own.
  if (process.platform === 'linux') {
    const high = /^VmHWM:\s+(\d+) kB/m.exec(fs.readFileSync('/proc/self/status', 'utf8'));
    if (high) return Number(high[1]) * 1024;
  }
  return process.resourceUsage().maxRSS * 1024;
}
