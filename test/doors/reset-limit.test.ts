import { EventEmitter } from 'node:events';
import { constants, type ServerHttp2Stream } from 'node:http2';
import { expect, test } from 'vitest';
import { createResetLimit } from '../../src/doors/http2-streams.js';

/** A connection by a clock of its own, and the code of its end, if it was closed. */
function connection() {
  let time = 0;
  const watch = createResetLimit(() => time);
  const session = {
    destroyed: false,
    code: undefined as number | undefined,
    goaway(code: number) {
      session.code = code;
    },
    destroy() {
      session.destroyed = true;
    },
  };

  /** Begins streams, each of which is reset after so many milliseconds. */
  function reset(count: number, after = 1, headersSent = false): void {
    for (let nr = 0; nr < count; nr += 1) {
      const stream = Object.assign(new EventEmitter(), { session, headersSent });
      watch(stream as unknown as ServerHttp2Stream);
      time += after;
      stream.emit('aborted');
    }
  }
  return {
    reset,
    code: () => (session.destroyed ? session.code : undefined),
    pass: (ms: number) => {
      time += ms;
    },
  };
}

test('after 200 streams that were reset soon, the next one closes their connection', () => {
  const { reset, code } = connection();
  reset(200);
  expect(code()).toBeUndefined();
  reset(1);
  expect(code()).toBe(constants.NGHTTP2_ENHANCE_YOUR_CALM);
});

test('a caller may give up any number of calls later', () => {
  const { reset, code } = connection();
  reset(1_000, 6);
  expect(code()).toBeUndefined();
});

test('a caller may give up any number of calls that have begun to be answered', () => {
  const { reset, code } = connection();
  reset(1_000, 1, true);
  expect(code()).toBeUndefined();
});

test('after 10 s, resets count anew', () => {
  const { reset, code, pass } = connection();
  for (let round = 0; round < 5; round += 1) {
    reset(200);
    pass(10_000);
  }
  expect(code()).toBeUndefined();
});
