#!/usr/bin/env node
import 'reflect-metadata';
import { runCommandLine, couldNot } from './cli.js';
import { takeTerminal } from './terminal.js';

const terminal = takeTerminal();
// An app that was only put together may fail somewhere in the background; that is no finding.
for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (error: unknown) => process.exit(couldNot(error, terminal)));
}
void runCommandLine(process.argv.slice(2), terminal, process.cwd()).then(async (exitCode) => {
  await terminal.end();
  // The app keeps whatever its providers have begun.
  process.exit(exitCode);
});
