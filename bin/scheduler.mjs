#!/usr/bin/env node
/** The command line of a checkout: says what to do when the service is not built. */
import { existsSync } from 'node:fs';

const cli = new URL('../dist/src/cli.js', import.meta.url);
if (existsSync(cli)) {
  await import(cli.href);
} else {
  console.error('The service is not built. Run `npm ci && npm run build`, then this command again.');
  process.exit(1);
}
