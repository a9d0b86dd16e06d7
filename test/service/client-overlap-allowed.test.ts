import { randomUUID } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { type Door, doorsOf, explainSlot, findSlots, scheduleSession } from '../support/doors.js';
import { startTestService } from '../support/service.js';

test('where clients may be in two sessions at once, what a client has is in the way of no slot', async () => {
  const call = await serviceThatAllows();
  const [client_hash_id, coach_hash_id, start] = [randomUUID(), randomUUID(), '2030-04-01T09:00:00Z'];
  const elsewhere = { coach_hash_id: randomUUID(), client_hash_id, start, duration: 60 };
  await call(scheduleSession, { session: elsewhere });

  const slot = { coach_hash_id, client_hash_id, duration: 60 };
  const found = await call(findSlots, { ...slot, from: start, to: '2030-04-01T10:00:00Z' });
  expect(found).toMatchObject({ response: { slots: [{ start }] } });
  expect(await call(explainSlot, { ...slot, start })).toMatchObject({ response: { bookable: true } });
  expect(await call(scheduleSession, { session: { ...slot, start } })).toMatchObject({ code: 'OK' });
});

async function serviceThatAllows(): Promise<Door['call']> {
  const service = await startTestService(undefined, { CLIENT_OVERLAP: 'allow' });
  onTestFinished(() => service.stop());
  const [rest, ...others] = doorsOf(service);
  for (const door of others) door.close();
  return (rest as Door).call;
}
