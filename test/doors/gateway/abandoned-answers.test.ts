import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { collectGarbage } from '../../support/heap.js';
import { emptyAnswer, latch, ownGateway, type TestGateway } from './support.js';

const REQUEST = 'GET /api/v1/sessions HTTP/1.1\r\nhost: localhost\r\n\r\n';

/** The answers of this process that are still in memory. */
function answersInMemory(): () => number {
  const answers: WeakRef<ServerResponse>[] = [];
  const note = (message: unknown) => answers.push(new WeakRef((message as { response: ServerResponse }).response));
  subscribe('http.server.request.start', note);
  onTestFinished(() => void unsubscribe('http.server.request.start', note));
  return () => {
    collectGarbage();
    return answers.filter((answer) => answer.deref()).length;
  };
}

/** A caller that has sent requests in one packet, all of which are with the endpoint. */
async function callerOf(gateway: TestGateway, requests: number): Promise<Socket> {
  const { hostname, port } = new URL(gateway.url);
  const socket = connect(Number(port), hostname);
  socket.write(REQUEST.repeat(requests));
  await expect.poll(() => gateway.asked).toHaveLength(requests);
  return socket;
}

/** The caller hangs up, and the gateway notices. */
async function hangUp(gateway: TestGateway, caller: Socket): Promise<void> {
  caller.destroy();
  await expect.poll(() => gateway.asked.every(({ call }) => call.cancellation.aborted)).toBe(true);
  gateway.asked.length = 0;
}

test.each([
  ['an answer', 1],
  ['answers to pipelined requests', 3],
])('%s whose caller has gone before is forgotten', async (_, requests) => {
  const inMemory = answersInMemory();
  const go = latch();
  const gateway = await ownGateway();
  gateway.answerWith(async (message, call) => {
    await go.opened;
    return emptyAnswer(message, call);
  });
  await hangUp(gateway, await callerOf(gateway, requests));
  expect(inMemory()).toBe(requests);
  go.open();
  await expect.poll(inMemory).toBe(0);
});

test('answers that wait behind another when their caller goes are forgotten', async () => {
  const inMemory = answersInMemory();
  const go = latch();
  const gateway = await ownGateway();
  gateway.answerWith(async (message, call) => {
    if (gateway.asked.length === 1) await go.opened;
    return emptyAnswer(message, call);
  });
  const caller = await callerOf(gateway, 3);
  await hangUp(gateway, caller);
  go.open();
  await expect.poll(inMemory).toBe(0);
});
