import { expect, test } from 'vitest';
import { createRequestTurns } from '../../../src/feeds/webhooks/request-turns.js';
import { createDeferred } from '../../../src/waiting.js';

const { signal } = new AbortController();

/** Turns for so many requests at once, of webhooks whose requests take as long as a test says. */
function turnsFor(most: number) {
  let now = 0;
  const turns = createRequestTurns(most, () => now);
  /** The webhooks whose requests began, in order. */
  const began: string[] = [];
  let underWay: { readonly ms: number; end(): void } | undefined;
  const webhook = (name: string, ms: number) => {
    const own = turns.ofWebhook();
    return {
      ask: (until = signal) =>
        own.take(until, () => {
          const answered = createDeferred<void>();
          began.push(name);
          underWay = { ms, end: () => answered.resolve() };
          return answered.promise;
        }),
    };
  };
  return {
    began,
    webhook,
    /** A webhook whose receiver has answered so often that it is known how long it takes. */
    async knownWebhook(name: string, ms: number) {
      const known = webhook(name, ms);
      for (let nr = 0; nr < 20; nr += 1) {
        const answered = known.ask();
        await answerAll();
        await answered;
      }
      began.length = 0;
      return known;
    },
    answerAll,
  };

  /** Answers the request under way, and all that begin then. */
  async function answerAll(): Promise<void> {
    await new Promise(setImmediate);
    while (underWay) {
      const { ms, end } = underWay;
      underWay = undefined;
      now += ms;
      end();
      await new Promise(setImmediate);
    }
  }
}

test('a webhook whose requests take long does not keep others waiting', async () => {
  const { began, knownWebhook, answerAll } = turnsFor(1);
  const slow = await knownWebhook('slow', 9_000);
  const quick = await knownWebhook('quick', 5);
  for (const { ask } of [slow, slow, slow, quick, quick]) void ask();
  await answerAll();
  expect(began).toEqual(['slow', 'quick', 'quick', 'slow', 'slow']);
});

test('webhooks have the same time, and none waits for ever', async () => {
  const { began, knownWebhook, answerAll } = turnsFor(1);
  const slow = await knownWebhook('slow', 900);
  const quick = await knownWebhook('quick', 300);
  for (let nr = 0; nr < 12; nr += 1) void quick.ask();
  for (let nr = 0; nr < 4; nr += 1) void slow.ask();
  await answerAll();
  expect(began.slice(0, 8).filter((name) => name === 'quick')).toHaveLength(6);
});

test('a new webhook waits for those whose receivers have answered', async () => {
  const { began, webhook, knownWebhook, answerAll } = turnsFor(1);
  const known = await knownWebhook('known', 5);
  for (const { ask } of [known, webhook('new', 5), known, known]) void ask();
  await answerAll();
  expect(began).toEqual(['known', 'known', 'known', 'new']);
});

test('requests that are slow leave some to those that are quick', async () => {
  const { began, webhook, knownWebhook } = turnsFor(4);
  const quick = await knownWebhook('quick', 5);
  const slow = webhook('slow', 9_000);
  for (const { ask } of [slow, slow, slow, slow, slow, quick]) void ask();
  await new Promise(setImmediate);
  expect(began).toEqual(['slow', 'slow', 'slow', 'quick']);
});

test('who does not want to wait any longer leaves the others their turns', async () => {
  const { began, webhook, answerAll } = turnsFor(1);
  const [one, other] = [webhook('one', 5), webhook('other', 5)];
  const leaving = new AbortController();
  void one.ask();
  const left = other.ask(leaving.signal);
  void other.ask();
  leaving.abort(new Error('enough'));
  await expect(left).rejects.toThrow('enough');
  await answerAll();
  expect(began).toEqual(['one', 'other']);
});
