import { Command } from '@oclif/core';
import { printSchema } from '../cli/print-schema.js';

export default class Schema extends Command {
  static override summary = 'print the JSON Schema of what a command prints with --json';
  static override usage = 'schema COMMAND';
  static override strict = false;
  static override examples = ['<%= config.bin %> schema query', '<%= config.bin %> schema compact status'];

  override async run(): Promise<void> {
    const { argv } = await this.parse(Schema);
    printSchema(argv as string[]);
  }

  protected override async catch(error: Error): Promise<never> {
    throw error;
  }
}
