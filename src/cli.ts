#!/usr/bin/env node
import { ConfigError, readConfig } from './config.js';
import { copyEvents } from './copy-events/copy-events.js';
import { CannotCopy } from './copy-events/copy-log.js';
import { DataDirectoryInUse } from './embedded-postgres/ownership.js';
import { KurrentdbUrlError } from './event-store/store-url.js';
import { createLog } from './log.js';
import { PortInUse, type Service, startService } from './main.js';
import { rebuild, UnknownProjection } from './rebuild-projection.js';
import { CannotMoveSessions, zoneChanges } from './zone-changes/zone-changes.js';
import { ZoneRulesUnreadable } from './zone-rules/load-zone-rules.js';

const USAGE = `Usage: scheduler <command>

  start                             serve gRPC and HTTP until SIGINT or SIGTERM
  rebuild sessions                  rebuild the projection from the log; the service may run meanwhile
  copy-events [--from URL] --to URL copy the events of a store into another, empty one; run it again to go on after an
                                    interruption. Without --from: from the store that the settings name
  zone-changes [--apply]            list the sessions of series that begin at another time since the rules of time zones
                                    changed; with --apply, move them; the service may run meanwhile

Settings come from environment variables; the README lists them.`;

/** Mistakes that the person at the terminal can correct: printed as a sentence, without a stack. */
const CORRECTABLE = [
  CannotCopy,
  ConfigError,
  DataDirectoryInUse,
  KurrentdbUrlError,
  PortInUse,
  CannotMoveSessions,
  UnknownProjection,
  ZoneRulesUnreadable,
];

// The first signal asks for an orderly shutdown, the second one ends the process at once. The embedded PostgreSQL then
// goes on running, and the next start takes it over.
const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (stopping.signal.aborted) process.exit(130);
    stopping.abort(new Error(signal));
  });
}

try {
  await run(process.argv.slice(2));
} catch (error) {
  if (stopping.signal.aborted && error === stopping.signal.reason) process.exit(0);
  const correctable = CORRECTABLE.some((type) => error instanceof type);
  console.error(correctable ? (error as Error).message : error);
  process.exit(1);
}
process.exit(0);

async function run([command, ...args]: string[]): Promise<void> {
  switch (command) {
    case 'start':
      return serve();
    case 'rebuild': {
      const config = readConfig(process.env);
      return rebuild(args[0] ?? '', config, createLog(config), stopping.signal);
    }
    case 'copy-events': {
      const config = readConfig(process.env);
      return copyEvents(args, config, createLog(config), console.log, stopping.signal);
    }
    case 'zone-changes': {
      const config = readConfig(process.env);
      return zoneChanges(args, config, createLog(config), console.log, stopping.signal);
    }
    case 'help':
    case '--help':
      console.log(USAGE);
      return;
    default:
      console.error(USAGE);
      process.exit(2);
  }
}

async function serve(): Promise<void> {
  const config = readConfig(process.env);
  const log = createLog(config);
  const service = await startService(config, log, stopping.signal);
  console.error(greeting(service));

  await aborted(stopping.signal);
  log.info('stopping');
  await service.stop();
  log.info('stopped');
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve));
}

function greeting({ httpUrl, grpcAddress, store, zoneRules }: Service): string {
  return `
  REST, Connect, gRPC-Web   ${httpUrl}   (${httpUrl}/docs)
  gRPC                      ${grpcAddress}
  data                      ${store}
  rules of time zones       ${zoneRules}

Book a session:

  curl -X POST ${httpUrl}/api/v1/sessions -H 'Content-Type: application/json' \\
    -d '{"session":{"coach_hash_id":"123","client_hash_id":"456","start":"2022-12-01T14:30:00Z","duration":60}}'

Ctrl-C stops it.
`;
}
