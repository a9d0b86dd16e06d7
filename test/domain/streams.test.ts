import { expect, test } from 'vitest';
import { clientStream } from '../../src/domain/client/client.js';
import { coachStream } from '../../src/domain/coach/coach.js';
import { SERVICE_STREAMS } from '../../src/domain/streams.js';

test('the names of streams are those that were written long ago', () => {
  expect([coachStream('carol'), clientStream('chris')]).toEqual(['coach-carol', 'client-chris']);
});

test('copying the log copies all of them', () => {
  expect(SERVICE_STREAMS.prefixes).toEqual(['coach-', 'client-']);
});
