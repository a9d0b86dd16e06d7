import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readLog, verify } from '../chaos/afterwards.js';
import { type Fault, type Sent, wage } from '../hostile/campaign.js';
import type { Outcome } from '../hostile/carry-out.js';
import { describeFaults } from '../hostile/describe-faults.js';
import { populate } from '../hostile/populate.js';
import { type AttackedService, startAttackedService } from '../hostile/service.js';
import type { World } from '../hostile/world.js';
import * as rpc from '../support/doors.js';
import { answeredWith } from './answers.js';
import { eventsWithoutRight } from './audit.js';
import { type Caller, makeCallers } from './callers.js';
import { type Input, inputOf, type Material } from './inputs.js';
import { wrongIn } from './judge.js';
import { AUDIENCE, ISSUER, makeJwtCallers } from './jwts.js';
import { foreignIds, idsSeen, type Seen } from './leaks.js';
import { type Options, readOptions, USAGE } from './options.js';
import { ownersIn } from './owners.js';
import { createTally } from './tally.js';

/*
 * Sends inputs by callers with and without rights to a service that it starts, and tells what was let through. Exit code
 * 0: nothing; 1: something; 2: the run could not be made.
 */

/** Inputs that are sent while the service stops. */
const WHILE_STOPPING = 200;

/** Milliseconds: the time to drain and the grace time, and as long again on a busy machine. */
const LONGEST_STOP = 8_000;

/** Events without a right that are named. */
const MOST_NAMED = 20;

const say = (line: string) => console.log(line);

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  const { seed, inputs, first } = options;
  say(`seed ${seed}: npm run fuzz -- --seed ${seed} --inputs ${inputs}${first > 0 ? ` --first ${first}` : ''}`);
  const directory = await mkdtemp(join(tmpdir(), 'fuzz-'));
  const path = join(directory, 'tokens.json');
  const keys = join(directory, 'jwks.json');
  const callers = [...(await makeCallers(path)), ...(await makeJwtCallers(keys))];
  const service = await startAttackedService({
    AUTH_TOKENS_FILE: path,
    AUTH_JWKS: keys,
    AUTH_ISSUER: ISSUER,
    AUTH_AUDIENCE: AUDIENCE,
    // All callers have one address.
    RATE_LIMIT_FAILED_AUTH: '1000000',
  });
  try {
    const failures = await fuzz(service, callers, options);
    for (const failure of failures) say(`FAILED ${failure}`);
    say(failures.length === 0 ? 'all well' : `${failures.length} failures`);
    return failures.length === 0 ? 0 : 1;
  } finally {
    await service.stop();
    await rm(directory, { recursive: true });
  }
}

/** Sends the inputs, reports figures, and answers what was wrong. */
async function fuzz(service: AttackedService, callers: readonly Caller[], options: Options): Promise<string[]> {
  const { seed, first, inputs, callers: atOnce } = options;
  const everything = { authorization: `Bearer ${callers[0]!.token}` };
  const world = await populate(service, 0, everything);
  await offerHours(service, everything, world);
  const before = await readLog(service.databaseUrl);
  const material: Material = { seed, world, callers, owners: ownersIn(before) };
  const tally = createTally();
  const seen: Seen[] = [];

  async function faultsOf(input: Input, outcome: Outcome, isStopping: boolean): Promise<string[]> {
    const answered = await answeredWith(input, outcome);
    tally.add(input, answered);
    const ids = idsSeen(input, answered);
    if (ids) seen.push(ids);
    return wrongIn(input, outcome, answered, isStopping);
  }
  const send = (nr: number, count: number, isStopping = false): Promise<Sent> =>
    wage(
      {
        attackOf: (nr) => inputOf(material, nr),
        faultsOf: (input, outcome) => faultsOf(input, outcome, isStopping),
        first: nr,
        requests: count,
        callers: atOnce,
      },
      isStopping ? { ...service, isAlive: () => true } : service,
    );

  const sent = await send(first, inputs);
  const hasDied = !service.isAlive();
  const began = performance.now();
  const stopped = service.stopService().then(() => performance.now() - began);
  const [stopping, stopMs] = await Promise.all([send(sent.next, WHILE_STOPPING, true), stopped]);
  const after = (await readLog(service.databaseUrl)).slice(before.length);
  const owners = ownersIn([...before, ...after]);
  say(`${sent.attacks.toLocaleString('en')} inputs in ${Math.round(sent.seconds)} s, ${after.length} events`);
  for (const line of tally.lines()) say(line);

  return [
    ...(hasDied ? ['the service died; the last inputs that got no answer may be why'] : []),
    ...(stopMs > LONGEST_STOP ? [`the service took ${Math.round(stopMs)} ms to stop`] : []),
    ...(await describeFaults([...sent.faults, ...stopping.faults, ...leaks(seen, owners)], '--inputs')),
    ...eventsWithoutRight(after, (nr) => inputOf(material, nr)).slice(0, MOST_NAMED),
    ...(await faultsInLog(service, callers)),
    ...tally.missing(),
    ...(await unsound(service.databaseUrl)),
  ];
}

/** Gives every coach hours and a policy, so that there is something to read. They are in nobody's way. */
async function offerHours(service: AttackedService, headers: rpc.Headers, { coaches }: World): Promise<void> {
  const [door, ...others] = rpc.doorsOf(service, headers);
  for (const other of others) other.close();
  const availability = { time_zone: 'UTC', weekly: [{ days: ['MONDAY'], from: '09:00', to: '12:00' }] };
  for (const coach_hash_id of coaches) {
    await door!.call(rpc.setAvailability, { coach_hash_id, availability });
    await door!.call(rpc.setBookingPolicy, { coach_hash_id, booking_policy: { allow_outside_hours: true } });
  }
  door!.close();
}

function leaks(seen: readonly Seen[], owners: ReturnType<typeof ownersIn>): Fault[] {
  return seen.flatMap((one) => {
    const ids = foreignIds(one, owners);
    return ids.length > 0 ? [{ attack: one.input, fault: `ids of others were answered: ${ids.slice(0, 3)}` }] : [];
  });
}

/** Errors in the log of the service, and tokens in it. */
async function faultsInLog(service: AttackedService, callers: readonly Caller[]): Promise<string[]> {
  const log = await service.log();
  const errors = (await service.warnings()).filter(({ level }) => level >= 50);
  return [
    ...errors.map((line) => `the log has an error: ${JSON.stringify(line)}`),
    ...callers.filter(({ token }) => log.includes(token)).map(({ name }) => `the log has the token of ${name}`),
  ];
}

async function unsound(databaseUrl: string): Promise<string[]> {
  const { code, output } = await verify({ EVENT_STORE_URL: databaseUrl });
  return code === 0 ? [] : [`verify: ${output}`];
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error((error as Error).stack);
  console.error(USAGE);
  process.exitCode = 2;
}
