import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { type Link, openLink } from './link.js';

/** What the server heard, over all connections. */
let heard: string;
let link: Link;

beforeEach(async () => {
  heard = '';
  // Answers each chunk in upper case.
  const server = createServer((socket) => {
    socket.setEncoding('utf8');
    socket.on('error', () => {});
    socket.on('data', (text: string) => {
      heard += text;
      socket.write(text.toUpperCase());
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  link = await openLink((server.address() as AddressInfo).port);
  onTestFinished(() => {
    link.close();
    server.close();
  });
});

interface Caller {
  readonly socket: Socket;
  readonly answers: () => string;
  readonly isCut: () => boolean;
}

async function call(): Promise<Caller> {
  const socket = connect(link.port, '127.0.0.1');
  let answers = '';
  let isCut = false;
  socket.setEncoding('utf8');
  socket.on('error', () => {});
  socket.on('data', (text: string) => {
    answers += text;
  });
  socket.on('close', () => {
    isCut = true;
  });
  await once(socket, 'connect');
  onTestFinished(() => void socket.destroy());
  return { socket, answers: () => answers, isCut: () => isCut };
}

test('passes on what is sent, in both directions', async () => {
  const caller = await call();
  caller.socket.write('a');
  await expect.poll(caller.answers).toBe('A');
});

test('cut: the caller notices', async () => {
  const caller = await call();
  link.cut();
  await expect.poll(caller.isCut).toBe(true);
});

test('stall: what was sent arrives when all is well again', async () => {
  const [before, later] = [await call(), await call()];
  link.stall();
  before.socket.write('a');
  const during = await call();
  during.socket.write('b');
  link.heal();
  later.socket.write('c');
  await expect.poll(() => [before.answers(), during.answers(), later.answers()]).toEqual(['A', 'B', 'C']);
  expect([...heard].sort().join('')).toBe('abc');
});

test('half-open: old connections lose what is sent and stay open, new ones work', async () => {
  const before = await call();
  before.socket.write('a');
  await expect.poll(before.answers).toBe('A');
  link.halfOpen();
  before.socket.write('b');
  const after = await call();
  after.socket.write('c');
  await expect.poll(after.answers).toBe('C');
  expect([before.answers(), heard, before.isCut()]).toEqual(['A', 'ac', false]);

  link.heal();
  await expect.poll(before.isCut).toBe(true);
  expect(after.isCut()).toBe(false);
});

test('blackhole: new connections lose what is sent, too, until all is well again', async () => {
  link.blackhole();
  const during = await call();
  during.socket.write('a');
  link.heal();
  await expect.poll(during.isCut).toBe(true);
  const after = await call();
  after.socket.write('b');
  await expect.poll(after.answers).toBe('B');
  expect(heard).toBe('b');
});

test('lost answer: the server has done the work, and the caller is cut off', async () => {
  const caller = await call();
  link.loseAnswerTo('commit');
  caller.socket.write('begin;');
  await expect.poll(caller.answers).toBe('BEGIN;');
  caller.socket.write('commit;');
  await expect.poll(caller.isCut).toBe(true);
  expect(heard).toBe('begin;commit;');
  expect(caller.answers()).toBe('BEGIN;');
});
