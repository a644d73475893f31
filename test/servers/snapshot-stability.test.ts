import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runRecordedProgram } from '../commands/recorded-program.js';
import { awsusage, newFolder } from '../commands/run-awsusage.js';
import { startRealServer } from './real-servers.js';

test('snapshots of a program that ran at two emulators are the same, byte for byte', async () => {
  const texts: string[] = [];
  for (let run = 0; run < 2; run++) {
    const server = await startRealServer('ministack');
    const lines = await runRecordedProgram(server, { random: Math.random, hasJsonServices: true });
    await server.stop();
    const folder = newFolder({ 'calls/a.json': lines.join('\n') });
    const flags = ['--to', 'calls.snapshot.json', '--by', 'service,operation,resource,error_code'];
    const end = await awsusage(['snapshot', 'calls', ...flags], { cwd: folder });
    expect(end.stderr).toContain(`${lines.length} kept`);
    expect(end.code).toBe(0);
    texts.push(readFileSync(join(folder, 'calls.snapshot.json'), 'utf8'));
  }
  expect(texts[1]).toBe(texts[0]);
  expect(texts[0]).toContain(',{"service":"sqs","operation":"SendMessage","resource":"http://');
  expect(texts[0]).toContain(',{"service":"dynamodb","operation":"GetItem","resource":"stock-<uuid>"}\n');
  expect(texts[0]).toContain(',{"service":"kms","operation":"DescribeKey","resource":"<uuid>"}\n');
});
