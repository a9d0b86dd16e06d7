import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { request as httpsRequest } from 'node:https';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { connect as connectTls } from 'node:tls';
import { create, toBinary } from '@bufbuild/protobuf';
import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import pg from 'pg';
import { beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest';
import { makeToken } from '../../src/authentication/tokens/make-token.js';
import { freePort } from '../../src/embedded-postgres/port.js';
import { GetCalendarRequestSchema } from '../../src/gen/aceup/scheduler/v1/calendar_service_pb.js';
import { ownDirectory, writeFiles } from '../support/certificate-files.js';
import { createAuthority } from '../support/certificates.js';
import { unauthenticated } from '../support/kurrentdb-stand-in/errors.js';
import { startKurrentdbStandIn } from '../support/kurrentdb-stand-in/stand-in.js';
import { createSecrets, type Secrets } from '../support/secrets.js';
import {
  beginServiceProcess,
  buildService,
  type Ended,
  runService,
  startServiceProcess,
} from '../support/service-process.js';
import { startTcpProxy } from '../support/tcp-proxy.js';

beforeAll(buildService);

/** As much as the service ever says. */
const TALKATIVE = { LOG_LEVEL: 'trace' };

/** Runs a command that ends by itself, and checks that it says something, and no secret. */
async function expectSilence(
  secrets: Secrets,
  env: Record<string, string>,
  ...command: [string, ...string[]]
): Promise<Ended> {
  const ended = await runService({ ...TALKATIVE, ...env }, ...command);
  expect(ended.output).not.toBe('');
  expect(secrets.in(ended.output), ended.output).toEqual([]);
  return ended;
}

test('a search for secrets finds them in every form', () => {
  const secrets = createSecrets();
  const secret = secrets.make('it');
  const base64 = [0, 1, 2].map((before) => Buffer.from(`${'x'.repeat(before)}${secret}yz`).toString('base64'));
  const shown = [secret, `postgres://u:%2F${secret}@h`, Buffer.from(secret).toString('hex'), ...base64];
  expect(shown.map((one) => secrets.in(one))).toEqual(shown.map(() => ['it']));
  expect(secrets.in(`${secret.slice(0, -1)}!`)).toEqual([]);
});

/** A role of the tests' Postgres with a password of its own, and a database that it owns, through a proxy. */
async function ownDatabase(name: string, password: string) {
  const server = new pg.Client({ connectionString: inject('postgresUrl') });
  await server.connect();
  await server.query(`CREATE ROLE ${name} LOGIN PASSWORD ${pg.escapeLiteral(password)}`);
  await server.query(`CREATE DATABASE ${name} OWNER ${name}`);
  onTestFinished(async () => {
    await server.query(`DROP DATABASE ${name} WITH (FORCE)`);
    await server.query(`DROP ROLE ${name}`);
    await server.end();
  });
  const proxy = await startTcpProxy(inject('postgresUrl'));
  onTestFinished(() => proxy.close());
  const url = new URL(proxy.url);
  url.username = name;
  url.password = encodeURIComponent(password);
  url.pathname = `/${name}`;
  return { url: url.href, proxy };
}

const newName = () => `marked_${randomUUID().replaceAll('-', '')}`;

/** A password that a URL has to encode. */
const oddly = (secret: string) => `/@:%? ${secret}&=#`;

/** All that a caller of gRPC can read of an error, binary metadata too. */
function shownError({ message, details, metadata }: ServiceError): string {
  const values = Object.values(metadata.getMap()).map((value) => value.toString('latin1'));
  return [message, details, ...values].join('\n');
}

/** Has a process end by an error that nobody handles when it gets SIGUSR2. */
const CRASHING = `--import data:text/javascript,${encodeURIComponent(
  "process.on('SIGUSR2', () => { throw new Error('crash') })",
)}`;

test('a service at work, whose database goes away, and that crashes', async () => {
  const secrets = createSecrets();
  const directory = await ownDirectory();
  const authority = await createAuthority();
  const pair = await authority.issue();
  const files = await writeFiles(directory, pair);
  const keyParts = pair.key.split('\n').filter((line) => line.length > 40);
  const tokensFile = join(directory, 'tokens.json');
  const now = Date.now();
  const rights = { subject: 'operations', roles: ['admin' as const] };
  const { token, stored } = await makeToken(tokensFile, rights, now + 3_600_000, now);
  const events = await ownDatabase(newName(), oddly(secrets.make('the password of the event store')));
  const readModel = await ownDatabase(newName(), oddly(secrets.make('the password of the read model')));
  const service = await startServiceProcess({
    ...TALKATIVE,
    EVENT_STORE_URL: events.url,
    READ_MODEL_URL: readModel.url,
    AUTH_TOKENS_FILE: tokensFile,
    // Nobody listens there.
    RATE_LIMIT_REDIS_URL: `redis://u:${secrets.make('the password of Redis')}@127.0.0.1:1`,
    SINK_REDIS_URL: `redis://u:${secrets.make('the password of the stream')}@127.0.0.1:1`,
    SINK_KAFKA_BROKERS: '127.0.0.1:1',
    SINK_KAFKA_SASL: 'PLAIN',
    SINK_KAFKA_USERNAME: 'u',
    SINK_KAFKA_PASSWORD: secrets.make('the password of Kafka'),
    TLS_CERT_FILE: files.cert,
    TLS_KEY_FILE: files.key,
    NODE_OPTIONS: CRASHING,
  });
  onTestFinished(() => void service.signal('SIGKILL'));
  const port = Number(new URL(service.httpUrl).port);
  const at = { host: '127.0.0.1', servername: 'localhost', port, ca: authority.ca };
  const answers: string[] = [];

  async function send(path: string, headers: Record<string, string>, method = 'GET', body = ''): Promise<void> {
    const sent = httpsRequest({ ...at, path, headers, method });
    const answered = new Promise<string>((resolve, reject) => {
      sent.once('response', async (answer) => resolve(JSON.stringify(answer.headers) + (await text(answer))));
      sent.once('error', reject);
    });
    sent.end(body);
    answers.push(await answered);
  }

  async function sendRaw(bytes: string): Promise<void> {
    const socket = connectTls({ ...at, ALPNProtocols: ['http/1.1'] });
    socket.write(bytes);
    answers.push(await text(socket));
  }

  async function sendGrpc(method: string, authorization: string | undefined, sent = Buffer.of(0xff)): Promise<void> {
    const client = new Client(service.grpcAddress, credentials.createSsl(Buffer.from(authority.ca)));
    const metadata = new Metadata();
    if (authorization) metadata.set('authorization', authorization);
    const same = (buffer: Buffer) => buffer;
    const path = `/aceup.scheduler.v1.${method}`;
    answers.push(
      await new Promise((resolve) =>
        client.makeUnaryRequest(path, same, same, sent, metadata, (error, bytes) =>
          resolve(error ? shownError(error) : String(bytes)),
        ),
      ),
    );
    client.close();
  }

  const SESSIONS = '/api/v1/sessions';
  const json = { 'content-type': 'application/json' };
  async function everyRequest(): Promise<void> {
    const good = { authorization: `Bearer ${token}` };
    const secretIn = (place: string) => secrets.make(`a secret in ${place}`);
    await send('/readyz', good);
    await send('/metrics', good);
    await send(SESSIONS, good);
    await send(SESSIONS, { ...good, ...json }, 'POST', '{');
    await send(SESSIONS, { authorization: `Bearer ${secretIn('a bearer token')}` });
    await send(SESSIONS, { authorization: `Bearer scheduler_${secretIn('a token of the form')}` });
    await send(SESSIONS, { authorization: `Bearer eyJhbGciOiJub25lIn0.${secretIn('a JWT')}.` });
    await send(SESSIONS, { authorization: `Basic ${Buffer.from(`u:${secretIn('Basic')}`).toString('base64')}` });
    await send(SESSIONS, { authorization: secretIn('authorization') }, 'PATCH');
    await send('/readyz', { authorization: `Bearer ${secretIn('a token for health')}` });
    for (const path of [
      SESSIONS,
      '/readyz',
      '/nothing',
      '/api/v1/sessions/%zz',
      `/aceup.scheduler.v1.SessionService/X`,
    ]) {
      await send(`${path}?access_token=${secretIn(`the address of ${path}`)}`, {});
    }
    await send(SESSIONS, { cookie: `session=${secretIn('a cookie')}`, 'x-api-key': secretIn('a header') });
    await send(SESSIONS, { 'proxy-authorization': `Bearer ${secretIn('a header of proxies')}` });
    await sendRaw(`GET ${SESSIONS} HTTP/1.1\r\nauthorization : Bearer ${secretIn('a malformed header')}\r\n\r\n`);
    await sendRaw(`GET ${SESSIONS}?access_token=${secretIn('a malformed line')} HTTP/9\r\n\r\n`);
    await sendGrpc('SessionService/GetSession', `Bearer ${secretIn('metadata')}`);
    await sendGrpc('SessionService/GetSession', `Bearer ${token}`);
    await sendGrpc('SessionService/Nothing', `Bearer ${secretIn('metadata for nothing')}`);
    await everyRequestByKey((place) => `calendarkey_${secretIn(`${place}, by a key`)}`);
  }

  const CALENDAR = '/api/v1/coaches/123/calendar.ics';
  const GET_CALENDAR = 'CalendarService/GetCalendar';
  async function everyRequestByKey(key: (place: string) => string): Promise<void> {
    for (const path of [CALENDAR, '/api/v1/coaches/not%20an%20id/calendar.ics', '/nothing', `${CALENDAR}%zz`]) {
      await send(`${path}?key=${key(`the address of ${path}`)}`, {});
    }
    // Mail programs that encode an address once more.
    await send(`${CALENDAR}%3Fkey=${key('a path')}`, {});
    await send(`${CALENDAR}%3Fkey%3D${key('a path, encoded')}`, {});
    await send(`${CALENDAR}?${key('the name of a field')}=1`, {});
    await send(`${CALENDAR}?key=${key('one of two')}&key=${key('two of two')}`, {});
    await send(`${CALENDAR}?key=${key('with much behind it')}${'x'.repeat(200)}`, {});
    await send(`${CALENDAR}?key=${key('a request with a token')}`, { authorization: `Bearer ${token}` });
    await send(`${CALENDAR}?key=${key('another method')}`, json, 'POST', '{}');
    await send(`${CALENDAR}?key=${key('a method that there is not')}`, json, 'PATCH', '{}');
    await send(`${CALENDAR}?key=${key('a condition')}`, { 'if-none-match': '*' });
    await send(`${CALENDAR}?key=${key('a long address')}`, { x: 'x'.repeat(20_000) });
    await send(CALENDAR, { referer: `https://localhost${CALENDAR}?key=${key('a referrer')}` });
    const message = (text: string) => encodeURIComponent(text);
    for (const query of [
      `message=${message(`{"coachHashId":"123","key":"${key('a message')}"}`)}`,
      `message=${message(`{"coachHashId":"123","key":"${key('a message that is cut off')}`)}`,
      `message=${message(`{"coachHashId":"123","key":["${key('a list')}"]}`)}`,
      `message=${message(`{"coachHashId":"123","${key('the name of a member')}":1}`)}`,
    ]) {
      await send(`/aceup.scheduler.v1.${GET_CALENDAR}?connect=v1&encoding=json&${query}`, {});
    }
    const post = (body: string) => send(`/aceup.scheduler.v1.${GET_CALENDAR}`, json, 'POST', body);
    await post(`{"coachHashId":"123","key":"${key('a body')}"}`);
    await post(`{"coachHashId":"123","key":"${key('a body that is cut off')}`);
    await post(`{"coachHashId":"123","key":"${key('a large body')}${'x'.repeat(2_000_000)}"}`);
    await sendRaw(`GET ${CALENDAR}?key=${key('a line of another version')} HTTP/9\r\n\r\n`);
    await sendRaw(`GET ${CALENDAR}?key=${key('a malformed header')} HTTP/1.1\r\nx : y\r\n\r\n`);
    await sendRaw(`${key('a method')} ${CALENDAR} HTTP/1.1\r\n\r\n`);
    const bytes = toBinary(
      GetCalendarRequestSchema,
      create(GetCalendarRequestSchema, { coachHashId: '123', key: key('gRPC') }),
    );
    await sendGrpc(GET_CALENDAR, undefined, Buffer.from(bytes));
    await sendGrpc(GET_CALENDAR, undefined, Buffer.from(bytes.subarray(0, -1)));
    await sendGrpc(GET_CALENDAR, `Bearer ${token}`, Buffer.from(bytes));
  }

  const says = (what: string | RegExp) => expect.poll(service.output).toMatch(what);
  await everyRequest();
  await says('Redis does not count calls');
  await says(/"feed":"redis".*the feed stopped/);
  await says(/"feed":"kafka".*the feed stopped/);
  // What cannot be taken: a file that has the token, and the key of another certificate.
  await writeFile(tokensFile, JSON.stringify({ version: 1, tokens: [{ ...stored, [token]: token }] }));
  const other = await authority.issue();
  await writeFile(files.key, other.key);
  await says('the tokens stay as they were');
  await says('the old one stays');
  events.proxy.cut();
  readModel.proxy.cut();
  await says('lost an idle connection');
  await Promise.all([events.proxy.close(), readModel.proxy.close()]);
  await everyRequest();
  service.signal('SIGUSR2');
  const { output } = await service.end('SIGUSR2');

  expect(output).toContain('crash');
  expect(secrets.in(output)).toEqual([]);
  // Whoever sends a field that there is not is told its name, and nobody else is.
  expect(secrets.in(answers.join('\n')).filter((name) => !name.includes('the name of a'))).toEqual([]);
  const said = [output, ...answers].join('\n');
  // A client of pg has its statements with their values, and the key that ends them.
  expect(output).not.toMatch(/secretKey|parsedStatements/);
  for (const part of [
    token,
    stored.digest,
    stored.digest.slice(7),
    ...keyParts,
    ...other.key.split('\n').slice(1, -2),
  ]) {
    expect(said).not.toContain(part);
  }
});

/** A database that is not there. */
const NOWHERE = 'postgres://x@127.0.0.1:1/x';

test.concurrent.each(['verify', 'copy-events', 'rebuild'])('an argument that %s does not take', async (command) => {
  const secrets = createSecrets();
  const url = `postgres://u:${secrets.make('the password')}@127.0.0.1:1/x`;
  await expectSilence(secrets, { EVENT_STORE_URL: NOWHERE }, command, url, url);
});

test('KurrentDB that refuses the user', async () => {
  const secrets = createSecrets();
  const standIn = await startKurrentdbStandIn();
  onTestFinished(() => standIn.stop());
  standIn.faults = { call: () => unauthenticated() };
  const url = standIn.url.replace('://', `://admin:${secrets.make('the password')}@`);
  const port = String(await freePort());
  const service = beginServiceProcess({ ...TALKATIVE, PORT: port, EVENT_STORE_URL: url, READ_MODEL_URL: NOWHERE });
  onTestFinished(() => void service.signal('SIGKILL'));
  const readiness = () => fetch(`http://127.0.0.1:${port}/readyz`).then((answer) => answer.text());
  await expect.poll(() => readiness().catch(() => '')).toContain('refuses the user name');
  const said = await readiness();
  const { output } = await service.end('SIGTERM');
  expect(output).toContain('refuses the user name');
  expect(secrets.in(said + output)).toEqual([]);
});

describe('a start that cannot succeed', () => {
  test('with settings that are malformed', async () => {
    const secrets = createSecrets();
    const secret = (name: string) => secrets.make(name);
    const malformed = {
      EVENT_STORE_URL: `postgres://u:${secret('EVENT_STORE_URL')}/x@127.0.0.1/db`,
      READ_MODEL_URL: `mysql://u:${secret('READ_MODEL_URL')}@127.0.0.1/db`,
      AUTH_JWKS: `https://u:${secret('AUTH_JWKS')}@127.0.0.1/jwks`,
      RATE_LIMIT_REDIS_URL: `reddis://u:${secret('RATE_LIMIT_REDIS_URL')}@127.0.0.1:6379`,
      SINK_REDIS_URL: `reddis://u:${secret('SINK_REDIS_URL')}@127.0.0.1:6379`,
      SINK_KAFKA_BROKERS: `kafka://u:${secret('SINK_KAFKA_BROKERS')}@127.0.0.1:9092`,
    };
    const { code } = await expectSilence(secrets, malformed, 'start');
    expect(code).toBe(1);
  });

  test.concurrent.each([
    ['no scheme', (secret: string) => `127.0.0.1/${secret}`],
    ['a wrong port', (secret: string) => `postgres://u:${secret}@127.0.0.1:x/db`],
    ['a slash in the password', (secret: string) => `postgres://u:1/${secret}@127.0.0.1/db`],
    ['a question mark in the password', (secret: string) => `postgres://u:1?${secret}@127.0.0.1/db`],
    ['a percent sign in the password', (secret: string) => `postgres://u:%zz${secret}@127.0.0.1:1/db`],
    ['KurrentDB: two at signs', (secret: string) => `esdb://u:p@${secret}@127.0.0.1:1`],
    ['KurrentDB: a question mark in the password', (secret: string) => `esdb://u:1?${secret}@127.0.0.1:1`],
    ['KurrentDB: an option that there is not', (secret: string) => `esdb://u:${secret}@127.0.0.1:1?tlsx=1`],
    ['KurrentDB: no file of an authority', (secret: string) => `esdb://u:${secret}@127.0.0.1:1?tlsCAFile=/nothing`],
  ])('with EVENT_STORE_URL: %s', async (_, urlWith) => {
    const secrets = createSecrets();
    const url = urlWith(secrets.make('the password'));
    await expectSilence(secrets, { EVENT_STORE_URL: url, READ_MODEL_URL: NOWHERE }, 'rebuild', 'sessions');
  });

  test.concurrent.each([
    ['a file that there is not', (secret: string) => `https:/u:${secret}@127.0.0.1/jwks`],
    ['an address without slashes', (secret: string) => `u:${secret}@127.0.0.1/jwks`],
  ])('with AUTH_JWKS: %s', async (_, placeWith) => {
    const secrets = createSecrets();
    const AUTH_JWKS = placeWith(secrets.make('AUTH_JWKS'));
    const settings = { AUTH_JWKS, AUTH_ISSUER: 'https://issuer.example.com', AUTH_AUDIENCE: 'scheduler' };
    await expectSilence(secrets, settings, 'start');
  });

  test('with a wrong password', async () => {
    const secrets = createSecrets();
    const { url } = await ownDatabase(newName(), secrets.make('the right password'));
    const wrong = new URL(url);
    wrong.password = encodeURIComponent(oddly(secrets.make('the wrong password')));
    const { errors } = await expectSilence(secrets, { EVENT_STORE_URL: wrong.href }, 'start');
    expect(errors).toContain('password authentication failed');
  });
});
