import { expect, test } from 'vitest';
import { createInbox, Overloaded } from '../../../src/application/streams/inbox.js';
import { Cancellation } from '../../../src/waiting.js';

interface Item {
  readonly name: string;
  readonly weight: number;
  readonly cancellation: Cancellation;
}

const item = (name: string, weight = 1, cancellation = new Cancellation()): Item => ({ name, weight, cancellation });

type Answer = (names: string[]) => (string | Promise<string>)[];

/** An inbox whose batches wait until each of them is let go. */
function gatedInbox({ maxWaiting = 1_000, answer = (names) => names }: { maxWaiting?: number; answer?: Answer } = {}) {
  const batches: string[] = [];
  const gates: (() => void)[] = [];
  const inbox = createInbox<Item, string>({
    maxWaiting,
    weightOf: ({ weight }) => weight,
    async handle(key, items) {
      const names = items.map(({ name }) => name);
      batches.push(`${key}: ${names.join(' ')}`);
      await new Promise<void>((resolve) => gates.push(resolve));
      return answer(names);
    },
  });
  /** Lets one batch go after the other until none is under way. */
  async function letAllGo(): Promise<void> {
    for (let gate = gates.shift(); gate; gate = gates.shift()) {
      gate();
      // The answers, and the batch after this one.
      await new Promise(setImmediate);
    }
  }
  return { inbox, batches, letAllGo };
}

test('items that arrive while a batch of their key is handled form the next one; other keys do not wait', async () => {
  const { inbox, batches, letAllGo } = gatedInbox();
  const done = Promise.all([
    ...['a', 'b', 'c'].map((name) => inbox.submit('carol', item(name))),
    inbox.submit('dora', item('d')),
  ]);
  expect(batches).toEqual(['carol: a', 'dora: d']);
  await letAllGo();
  expect(batches).toEqual(['carol: a', 'dora: d', 'carol: b c']);
  expect(await done).toEqual(['a', 'b', 'c', 'd']);
});

test('a key is handled at once again when nothing of it waits any more', async () => {
  const { inbox, batches, letAllGo } = gatedInbox();
  for (const name of ['a', 'b']) {
    const done = inbox.submit('carol', item(name));
    expect(batches.at(-1)).toBe(`carol: ${name}`);
    await letAllGo();
    expect(await done).toBe(name);
  }
});

test('a batch weighs 256 at most, or has one item', async () => {
  const { inbox, batches, letAllGo } = gatedInbox();
  const items = [item('first'), item('x', 200), item('y', 56), item('z', 1), item('heavy', 1_000), item('last', 256)];
  const done = items.map((one) => inbox.submit('carol', one));
  await letAllGo();
  expect(batches).toEqual(['carol: first', 'carol: x y', 'carol: z', 'carol: heavy', 'carol: last']);
  expect(await Promise.all(done)).toHaveLength(6);
});

test('a batch that fails fails all of its items, and no other', async () => {
  const { inbox, letAllGo } = gatedInbox({
    answer(names) {
      if (names.includes('b')) throw new Error('a full disk');
      return names;
    },
  });
  const first = inbox.submit('carol', item('a'));
  const failing = ['b', 'c'].map((name) => expect(inbox.submit('carol', item(name))).rejects.toThrow('a full disk'));
  await letAllGo();
  await Promise.all(failing);
  const last = inbox.submit('carol', item('d'));
  await letAllGo();
  expect(await Promise.all([first, last])).toEqual(['a', 'd']);
});

test('an item that nobody waits for any more is dropped, and a batch of such items is not handled', async () => {
  const { inbox, batches, letAllGo } = gatedInbox();
  const leaving = new Cancellation();
  const done = [inbox.submit('carol', item('a'))];
  // Too heavy for one batch with what comes after.
  const dropped = expect(inbox.submit('carol', item('b', 256, leaving))).rejects.toThrow('gone');
  done.push(inbox.submit('carol', item('c')));
  const another = expect(inbox.submit('carol', item('d', 1, leaving))).rejects.toThrow('gone');
  leaving.abort(new Error('gone'));
  await letAllGo();
  await Promise.all([dropped, another]);
  expect(await Promise.all(done)).toEqual(['a', 'c']);
  expect(batches).toEqual(['carol: a', 'carol: c']);
});

test('no more may wait than the limit, of all keys together, until they are answered', async () => {
  let finish: (() => void)[] = [];
  const { inbox, letAllGo } = gatedInbox({
    maxWaiting: 2,
    // An answer may take longer than its batch, and may fail.
    answer: (names) =>
      names.map((name) => {
        return new Promise<string>((resolve, reject) => {
          finish.push(() => (name === 'b' ? reject(new Error('lost')) : resolve(name)));
        });
      }),
  });
  const first = inbox.submit('carol', item('a'));
  const second = expect(inbox.submit('dora', item('b'))).rejects.toThrow('lost');
  await letAllGo();
  const refused = inbox.submit('erin', item('c'));
  await expect(refused).rejects.toThrow(Overloaded);
  await expect(refused).rejects.toThrow('2 commands are waiting');

  for (const one of finish) one();
  await Promise.all([first, second]);
  finish = [];
  const next = ['d', 'e'].map((name) => inbox.submit('carol', item(name)));
  await expect(inbox.submit('carol', item('f'))).rejects.toThrow(Overloaded);
  await letAllGo();
  for (const one of finish) one();
  expect(await Promise.all(next)).toEqual(['d', 'e']);
});

test('an item that was dropped or failed makes room for another', async () => {
  const { inbox, letAllGo } = gatedInbox({
    maxWaiting: 2,
    answer(names) {
      if (names.includes('a')) throw new Error('a full disk');
      return names;
    },
  });
  const leaving = new Cancellation();
  const failed = expect(inbox.submit('carol', item('a'))).rejects.toThrow('a full disk');
  const dropped = expect(inbox.submit('carol', item('b', 1, leaving))).rejects.toThrow('gone');
  leaving.abort(new Error('gone'));
  await letAllGo();
  await Promise.all([failed, dropped]);
  const next = ['c', 'd'].map((name) => inbox.submit('carol', item(name)));
  await letAllGo();
  expect(await Promise.all(next)).toEqual(['c', 'd']);
});
