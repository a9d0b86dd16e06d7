import type { Http2Server, ServerHttp2Session } from 'node:http2';
import { createTimeLimits } from '../../waiting.js';
import { sendElsewhere } from '../http2-streams.js';

/** The ages are spread, in hundredths of the age, so that connections which began together do not end together. */
const SPREAD = Array.from({ length: 21 }, (_, nr) => 90 + nr);

/**
 * Has connections close at an age, so that callers spread over the processes that there are now. Done here, as grpc-js
 * waits a random time for each connection, and Node keeps the timer list of each length, with 150 bytes, until its time
 * is up, even when the connection has closed: a caller who connects again and again would fill 100 MB.
 * @param ageMs give or take a tenth
 * @param graceMs how long calls under way may take then
 */
export function limitAge(http2Server: Http2Server, ageMs: number, graceMs: number): void {
  const graces = createTimeLimits<ServerHttp2Session>(graceMs, (session) => session.destroy());
  const ages = SPREAD.map((percent) => createTimeLimits<ServerHttp2Session>((ageMs * percent) / 100, retire));

  function retire(session: ServerHttp2Session): void {
    if (session.destroyed) return;
    sendElsewhere(session);
    session.close();
    const grace = graces.begin(session);
    session.once('close', () => graces.end(grace));
  }

  http2Server.on('session', (session) => {
    const age = ages[Math.floor(Math.random() * ages.length)]!;
    const limit = age.begin(session);
    session.once('close', () => age.end(limit));
  });
}
