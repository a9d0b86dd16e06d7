import { create } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { createClientInbox, withoutRequest } from '../../../src/application/client/client-inbox.js';
import type { Aggregates } from '../../../src/application/streams/aggregates.js';
import type { ClientCommand, ClientEvent, ClientState, ReservedTime } from '../../../src/domain/client/client.js';
import { EventMetadataSchema } from '../../../src/gen/aceup/scheduler/v1/events_pb.js';
import { Cancellation } from '../../../src/waiting.js';

/** Clients that others are always faster with, and how often they were asked to decide. */
function contendedClients() {
  let batches = 0;
  const clients = {
    async transact() {
      batches += 1;
      await new Promise(setImmediate);
      return { kind: 'contended' };
    },
  } as unknown as Aggregates<ClientState, ClientEvent>;
  return { clients, batches: () => batches };
}

const time: ReservedTime = {
  reservationId: 'reservation',
  clientHashId: 'chris',
  coachHashId: 'carol',
  sessionId: 'session',
  start: 0,
  duration: 60,
};
const ofChris = { clientHashId: 'chris', now: 0 } as const;
const times = (count: number) => Array.from({ length: count }, () => time);

const release = (count: number): ClientCommand => ({ type: 'ReleaseTime', ...ofChris, reservations: times(count) });
const reserve = (count: number): ClientCommand => ({
  type: 'ReserveTime',
  ...ofChris,
  wanted: times(count).map((one) => ({ ...one, holdExpiresAt: undefined })),
});
const confirm: ClientCommand = { type: 'ConfirmReservation', ...ofChris, reservation: time };

const submissionOf = (command: ClientCommand) => ({
  command,
  metadata: create(EventMetadataSchema),
  validateOnly: false,
  cancellation: new Cancellation(),
});

test('when other processes are always faster, each command of the batch is told so', async () => {
  const { clients } = contendedClients();
  const inbox = createClientInbox(clients);
  const outcomes = [confirm, release(1), reserve(1)].map((command) => inbox.submit('chris', submissionOf(command)));
  expect(await Promise.all(outcomes)).toEqual([{ kind: 'contended' }, { kind: 'contended' }, { kind: 'contended' }]);
});

// A batch weighs 256 at most; the first command is handled alone.
test.each([
  ['what is released', [release(200), release(56), release(1)], 2],
  ['what is reserved', [reserve(200), reserve(56), reserve(1)], 2],
  ['one for a confirmation', [release(255), confirm, confirm], 2],
])('a command weighs as much as its events may be many: %s', async (_, commands, expected) => {
  const { clients, batches } = contendedClients();
  const inbox = createClientInbox(clients);
  await Promise.all([confirm, ...commands].map((command) => inbox.submit('chris', submissionOf(command))));
  expect(batches()).toBe(1 + expected);
});

test('what a command causes in other streams does not say that its request was accepted', () => {
  const metadata = create(EventMetadataSchema, { requestId: 'try-1', requestFingerprint: 'digest', actor: 'ann' });
  expect(withoutRequest(metadata)).toMatchObject({ requestId: '', requestFingerprint: '', actor: 'ann' });
});
