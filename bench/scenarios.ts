import type { Scenario } from './harness/scenario.js';
import { bookGrpc } from './scenarios/book-grpc.js';
import { bookRest } from './scenarios/book-rest.js';
import { calendars } from './scenarios/calendars.js';
import { crowdProcesses } from './scenarios/crowd-processes.js';
import { feeds } from './scenarios/feeds.js';
import { firstCommand } from './scenarios/first-command.js';
import { flashCrowd } from './scenarios/flash-crowd.js';
import { footprint } from './scenarios/footprint.js';
import { growth } from './scenarios/growth.js';
import { longPast } from './scenarios/long-past.js';
import { manyProcesses } from './scenarios/many-processes.js';
import { memory } from './scenarios/memory.js';
import { reads } from './scenarios/reads.js';
import { rebuild } from './scenarios/rebuild.js';
import { slots } from './scenarios/slots.js';
import { tokens } from './scenarios/tokens.js';
import { watch } from './scenarios/watch.js';

/** All scenarios, in the order of the report. */
export const SCENARIOS: readonly Scenario[] = [
  bookRest,
  bookGrpc,
  flashCrowd,
  reads,
  slots,
  calendars,
  longPast,
  firstCommand,
  rebuild,
  growth,
  manyProcesses,
  crowdProcesses,
  memory,
  footprint,
  tokens,
  watch,
  feeds,
];
