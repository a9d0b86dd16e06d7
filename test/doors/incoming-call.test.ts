import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { hungUp, incomingCall } from '../../src/doors/incoming-call.js';
import { SessionService } from '../../src/gen/aceup/scheduler/v1/session_service_pb.js';
import { pause } from '../../src/waiting.js';

test('a call may wait for many things at once without a warning in the log', async () => {
  const warnings: Error[] = [];
  const note = (warning: Error) => void warnings.push(warning);
  process.on('warning', note);
  onTestFinished(() => void process.off('warning', note));

  const method = SessionService.method.scheduleSeries;
  const call = incomingCall({ method, door: 'rest', correlationId: 'c-1', header: () => undefined }, undefined);
  const waits = Array.from({ length: 104 }, () => pause(60_000, call.signal));
  call.abort(hungUp());
  const ends = await Promise.allSettled(waits);
  expect(ends).toHaveLength(104);
  await nextTurn();
  expect(warnings).toEqual([]);
});
