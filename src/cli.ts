#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import type { Logger } from 'pino';
import { authenticates, servesDocs } from './config/access.js';
import { type Config, readConfig } from './config/config.js';
import { VARIABLES } from './config/variables.js';
import { Correctable } from './correctable.js';
import { createLog } from './log.js';
import type { Service } from './main.js';
import { misspeltSettings } from './unknown-settings.js';
import { withoutSecrets } from './without-secrets.js';

const USAGE = `Usage: scheduler <command>

  start                             serve gRPC and HTTP until SIGINT or SIGTERM
  rebuild sessions                  rebuild the projection from the log; the service may run meanwhile
  copy-events [--from URL] --to URL copy the events of a store into another, empty one; run it again to go on after an
                                    interruption. Without --from: from the store that the settings name
  verify                            check the whole log, and the read model against it; the service may run meanwhile.
                                    Exit code 0: sound, 1: faults were found, 2: the command could not look
  zone-changes [--apply]            list the sessions of series that begin at another time since the rules of time zones
                                    changed; with --apply, move them; the service may run meanwhile
  feeds [--json]                    list the feeds of changes: how far each has come, how far it is behind, and its last
                                    error; the service may run meanwhile
  calendars [--list [--json]]       fetch the calendars of coaches until SIGINT or SIGTERM, unless another process does; with
                                    --list, list them: how each does, and its last error
  token create --subject NAME --role ROLE [--role ROLE] [--coach ID] [--client ID] [--expires 90d]
                                    make a token for a caller, add it to the file that AUTH_TOKENS_FILE names, and print
                                    it, this once. Roles: service, admin, analyst, coach (with --coach), client (with
                                    --client)
  token list [--json]               list the tokens: whose, for what, until when
  token revoke ID... | --subject NAME
                                    revoke tokens; running services refuse them within 5 seconds
  psql [--superuser] [ARGUMENT...]  open psql on the database of the read model; --superuser: as the superuser of the
                                    embedded PostgreSQL, which runs as long as the service
  url [--superuser]                 print the URL of that database, with its password
  proto --out DIR                   write the protos of the service, with all that they import, for tools that generate
                                    code in other languages
  --version                         print the versions of the service and of Node

Settings come from environment variables; the README lists them.`;

/** The exit code of `verify` when it says nothing about the data. */
const COULD_NOT_LOOK = 2;

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
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  if (stopping.signal.aborted && error === stopping.signal.reason) process.exit(0);
  console.error(withoutSecrets(error instanceof Correctable ? error.message : inspect(error)));
  process.exit(process.argv[2] === 'verify' ? COULD_NOT_LOOK : 1);
}
process.exit();

/**
 * Runs a command to its end, and answers the exit code. Each command loads what it needs: the whole service would take
 * longer than most of them.
 */
async function run([command, ...args]: string[]): Promise<number> {
  if (args.includes('--help') && command !== 'psql') return print(USAGE);
  switch (command) {
    case 'start':
      return args.length > 0 ? misused(`start takes no arguments, but got ${args.join(' ')}.`) : serve();
    case 'rebuild': {
      if (args.length > 1) return misused(`rebuild takes one projection, but got ${args.join(' ')}.`);
      const { config, log } = settings();
      const { rebuild } = await import('./rebuild-projection.js');
      await rebuild(args[0] ?? '', config, log, stopping.signal);
      return 0;
    }
    case 'copy-events': {
      const { config, log } = settings();
      const { copyEvents } = await import('./copy-events/copy-events.js');
      await copyEvents(args, config, log, console.log, stopping.signal);
      return 0;
    }
    case 'verify': {
      if (args.length > 0) return misused(`verify takes no arguments, but got ${args.join(' ')}.`);
      const { config, log } = settings();
      const { verify } = await import('./verify/verify.js');
      return (await verify(config, log, console.log, stopping.signal)) ? 0 : 1;
    }
    case 'zone-changes': {
      const { config, log } = settings();
      const { zoneChanges } = await import('./zone-changes/zone-changes.js');
      await zoneChanges(args, config, log, console.log, stopping.signal);
      return 0;
    }
    case 'feeds': {
      const { config, log } = settings();
      const { listFeeds } = await import('./feeds-command/feeds-command.js');
      await listFeeds(args, config, log, console.log, stopping.signal);
      return 0;
    }
    case 'calendars': {
      const { config, log } = settings();
      const { calendars } = await import('./calendars-command/calendars-command.js');
      await calendars(args, config, log, console.log, stopping.signal);
      return 0;
    }
    case 'token': {
      const { AUTH_TOKENS_FILE: path } = readConfig(process.env);
      const { tokenCommand } = await import('./authentication/tokens/token-command.js');
      return tokenCommand(args, path, { write: console.log, note: console.error });
    }
    case 'psql': {
      const { psql } = await import('./psql.js');
      return psql(args, readConfig(process.env), stopping.signal);
    }
    case 'url': {
      if (args.some((arg) => arg !== '--superuser'))
        return misused(`url takes --superuser, but got ${args.join(' ')}.`);
      const { readModelUrl } = await import('./psql.js');
      return print(await readModelUrl(args, readConfig(process.env), stopping.signal));
    }
    case 'proto': {
      const { writeProtos } = await import('./proto-files.js');
      await writeProtos(args, console.log);
      return 0;
    }
    case 'version':
    case '--version':
    case '-v':
      return print(version());
    case 'help':
    case '--help':
    case '-h':
      return print(USAGE);
    default:
      return misused(command === undefined ? 'Name a command.' : `There is no command ${command}.`);
  }
}

function print(text: string): number {
  console.log(text);
  return 0;
}

function misused(mistake: string): number {
  console.error(`${withoutSecrets(mistake)}\n\n${USAGE}`);
  return 2;
}

/** The versions that a report of a fault needs. */
function version(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const { name, version } = JSON.parse(manifest) as { name: string; version: string };
  return `${name} ${version}\nNode ${process.versions.node}`;
}

/** The settings from the environment, and the log, which warns of variables that look like misspelt settings. */
function settings(): { config: Config; log: Logger } {
  const config = readConfig(process.env);
  const log = createLog(config);
  for (const sentence of misspeltSettings(process.env, VARIABLES)) log.warn(sentence);
  return { config, log };
}

async function serve(): Promise<number> {
  const { config, log } = settings();
  const { startService } = await import('./main.js');
  const service = await startService(config, log, stopping.signal);
  console.error(greeting(service, config));

  await aborted(stopping.signal);
  log.info('stopping');
  await service.stop();
  log.info('stopped');
  return 0;
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve));
}

function greeting({ httpUrl, grpcAddress, store, zoneRules }: Service, config: Config): string {
  const docs = servesDocs(config) ? `   (${httpUrl}/docs)` : '';
  const token = authenticates(config) ? ' -H "Authorization: Bearer $TOKEN"' : '';
  return `
  REST, Connect, gRPC-Web   ${httpUrl}${docs}
  gRPC                      ${grpcAddress}
  data                      ${store}
  rules of time zones       ${zoneRules}

Book a session:

  curl -X POST ${httpUrl}/api/v1/sessions -H 'Content-Type: application/json'${token} \\
    -d '{"session":{"coach_hash_id":"123","client_hash_id":"456","start":"2022-12-01T14:30:00Z","duration":60}}'

Ctrl-C stops it.
`;
}
