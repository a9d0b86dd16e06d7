import { Code } from '@connectrpc/connect';
import { describe, expect, test } from 'vitest';
import { ReadModelUnavailable } from '../../src/application/read-model.js';
import { ANYBODY, type Scope } from '../../src/handlers/access/scope.js';
import { createCoachOf } from '../../src/handlers/request/coach-of.js';
import { createSeriesOf } from '../../src/handlers/series/series-command.js';
import { Cancellation } from '../../src/waiting.js';
import { errorOf, UNKNOWN_ID } from './memory-service.js';

const BY_ANYBODY = { cancellation: new Cancellation(), scope: ANYBODY };

/**
 * A read model that lags: it has some sessions, and others only once it has caught up. `steps` says what was asked of
 * it, in order.
 */
function laggingReadModel(here: Readonly<Record<string, string>>, later: Readonly<Record<string, string>> = {}) {
  const steps: string[] = [];
  let known = here;
  return {
    steps,
    async get(id: string) {
      steps.push(`get ${id}`);
      const coachHashId = known[id];
      return coachHashId === undefined ? undefined : { coachHashId, clientHashId: 'chris' };
    },
    reads: {
      async waitFor() {
        throw new Error('nobody gave a token');
      },
      async waitForNow({ aborted, reason }: Cancellation) {
        if (aborted) throw reason;
        steps.push('wait for now');
        known = { ...here, ...later };
      },
    },
  };
}

describe('the coach of a session', () => {
  test('that the read model has is found without waiting', async () => {
    const { steps, get, reads } = laggingReadModel({ one: 'carol' });
    const coachOf = createCoachOf('session', get, reads);

    expect(await coachOf('one', BY_ANYBODY)).toBe('carol');
    expect(steps).toEqual(['get one']);
  });

  test('is looked up once: it never changes', async () => {
    const { steps, get, reads } = laggingReadModel({ one: 'carol', two: 'dora' });
    const coachOf = createCoachOf('session', get, reads);
    await coachOf('one', BY_ANYBODY);
    await coachOf('two', BY_ANYBODY);

    expect(await coachOf('one', BY_ANYBODY)).toBe('carol');
    expect(await coachOf('two', BY_ANYBODY)).toBe('dora');
    expect(steps).toEqual(['get one', 'get two']);
  });

  test('that was booked just now is found once the read model has caught up', async () => {
    const { steps, get, reads } = laggingReadModel({}, { one: 'carol' });
    const coachOf = createCoachOf('session', get, reads);

    expect(await coachOf('one', BY_ANYBODY)).toBe('carol');
    expect(await coachOf('one', BY_ANYBODY)).toBe('carol');
    expect(steps).toEqual(['get one', 'wait for now', 'get one']);
  });

  test('that does not exist is NOT_FOUND, after the read model has caught up', async () => {
    const { steps, get, reads } = laggingReadModel({});
    const coachOf = createCoachOf('session', get, reads);

    const error = await errorOf(coachOf(UNKNOWN_ID, BY_ANYBODY));
    expect(error.code).toBe(Code.NotFound);
    expect(error.rawMessage).toBe(`there is no session ${UNKNOWN_ID}`);
    expect(steps).toEqual([`get ${UNKNOWN_ID}`, 'wait for now', `get ${UNKNOWN_ID}`]);
  });

  test.each<[string, Partial<Scope>, boolean]>([
    ['its coach', { coachHashId: 'carol' }, true],
    ['its client', { clientHashId: 'chris' }, true],
    ['another coach', { coachHashId: 'dora' }, false],
    ['another client', { clientHashId: 'dan' }, false],
    ['a client by the id of its coach', { clientHashId: 'carol' }, false],
    ['a coach by the id of its client', { coachHashId: 'chris' }, false],
    ['nobody', {}, false],
  ])('is told %s: %j, %s', async (_, own, isTold) => {
    const { get, reads } = laggingReadModel({ one: 'carol' });
    const coachOf = createCoachOf('session', get, reads);
    const scope = { anybody: false, coachHashId: undefined, clientHashId: undefined, ...own };
    for (const _ of ['first', 'remembered']) {
      const found = await coachOf('one', { ...BY_ANYBODY, scope }).catch((error: unknown) => error);
      if (isTold) expect(found).toBe('carol');
      else expect(found).toMatchObject({ code: Code.NotFound, rawMessage: 'there is no session one' });
    }
  });

  test('is asked for again after it was not found', async () => {
    const later: Record<string, string> = {};
    const { get, reads } = laggingReadModel({}, later);
    const coachOf = createCoachOf('session', get, reads);
    await errorOf(coachOf('one', BY_ANYBODY));

    later['one'] = 'carol';
    expect(await coachOf('one', BY_ANYBODY)).toBe('carol');
  });

  test('is not NOT_FOUND while the read model lags too long', async () => {
    const { get, reads } = laggingReadModel({});
    const lag = new ReadModelUnavailable('it lags');
    const waitForNow = () => Promise.reject(lag);
    const coachOf = createCoachOf('session', get, { ...reads, waitForNow });

    await expect(coachOf('one', BY_ANYBODY)).rejects.toBe(lag);
  });

  test('is not waited for once the caller has hung up', async () => {
    const { get, reads } = laggingReadModel({}, { one: 'carol' });
    const reason = new Error('the caller hung up');

    const gone = new Cancellation();
    gone.abort(reason);

    await expect(createCoachOf('session', get, reads)('one', { cancellation: gone, scope: ANYBODY })).rejects.toBe(
      reason,
    );
  });

  test('is remembered for the last 20,000 sessions', async () => {
    const steps: string[] = [];
    const { reads } = laggingReadModel({});
    const coachOf = createCoachOf(
      'session',
      async (id) => {
        steps.push(id);
        return { coachHashId: 'carol', clientHashId: 'chris' };
      },
      reads,
    );
    for (let number = 0; number <= 20_000; number += 1) await coachOf(`${number}`, BY_ANYBODY);

    steps.length = 0;
    for (const id of ['20000', '1', '0']) await coachOf(id, BY_ANYBODY);
    expect(steps).toEqual(['0']);
  });
});

describe('a series', () => {
  const series = { id: UNKNOWN_ID, coachHashId: 'carol', clientHashId: 'chris', timeZone: 'UTC', sessions: [] };

  test('is read only once the read model has caught up, every time: its sessions may have changed', async () => {
    const { steps, reads } = laggingReadModel({});
    const get = async (id: string) => {
      steps.push(`get ${id}`);
      return series;
    };
    const seriesOf = createSeriesOf({ get }, reads);

    expect(await seriesOf(UNKNOWN_ID, BY_ANYBODY)).toBe(series);
    expect(await seriesOf(UNKNOWN_ID, BY_ANYBODY)).toBe(series);
    expect(steps).toEqual(['wait for now', `get ${UNKNOWN_ID}`, 'wait for now', `get ${UNKNOWN_ID}`]);
  });

  test('that does not exist is NOT_FOUND', async () => {
    const { reads } = laggingReadModel({});
    const error = await errorOf(createSeriesOf({ get: async () => undefined }, reads)(UNKNOWN_ID, BY_ANYBODY));

    expect(error.code).toBe(Code.NotFound);
    expect(error.rawMessage).toBe(`there is no series ${UNKNOWN_ID}`);
  });
});
