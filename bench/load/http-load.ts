/**
 * Sends HTTP requests over connections that are kept, each with one request under way. A program of its own: the job is
 * its argument, as JSON, and the `LoadResult` goes to standard output. It writes to sockets itself: on two cores, what
 * a client library spends is taken from the program that is measured.
 */
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { createLatencies } from './latencies.js';
import type { LoadResult } from './load-result.js';
import { createSieve, httpRequest, type Requests } from './requests.js';

/** What to do. */
export interface HttpJob {
  readonly url: string;
  readonly connections: number;
  /** Ends after so long, or when it gets SIGTERM; what is under way then is waited for and counted. */
  readonly seconds: number;
  /** Ends after so many requests, if that is sooner. */
  readonly count?: number;
  /** Requests a second, evenly; as many as are answered when absent. Times count from when a request was due. */
  readonly rate?: number;
  readonly requests: Requests;
}

const SURPRISES = 5;

async function run(job: HttpJob): Promise<LoadResult> {
  const { hostname, port, host } = new URL(job.url);
  const { idsFile } = job.requests;
  const ids = idsFile ? readFileSync(idsFile, 'utf8').split('\n').filter(Boolean) : [];
  const latencies = createLatencies();
  const statuses: Record<string, number> = {};
  const surprises: string[] = [];
  const started = performance.now();
  let end = started + job.seconds * 1000;
  process.once('SIGTERM', () => {
    end = performance.now();
  });
  const isOurs = createSieve(job.requests);
  let sent = 0;
  let next = job.requests.first;

  function take(status: string, answer: () => string, milliseconds: number): void {
    latencies.add(milliseconds);
    statuses[status] = (statuses[status] ?? 0) + 1;
    if (!/^(20[01]|409)$/.test(status) && surprises.length < SURPRISES) surprises.push(answer());
  }

  /** When the next request is due, or undefined when there is none. */
  function due(): number | undefined {
    const time = job.rate ? started + (sent / job.rate) * 1000 : performance.now();
    return time < end && sent < (job.count ?? Number.POSITIVE_INFINITY) ? time : undefined;
  }

  function serve(socket: Socket): Promise<void> {
    return new Promise((resolve, reject) => {
      let began = 0;
      let received: Buffer | undefined;
      const send = () => {
        const time = due();
        if (time === undefined) {
          socket.end();
          return resolve();
        }
        while (!isOurs(next)) next += 1;
        const bytes = httpRequest(job.requests, next, host, ids);
        sent += 1;
        next += 1;
        began = time;
        const early = time - performance.now();
        if (early > 1) setTimeout(() => socket.write(bytes, 'latin1'), early);
        else socket.write(bytes, 'latin1');
      };
      socket.on('data', (bytes) => {
        received = received ? Buffer.concat([received, bytes]) : bytes;
        const head = received.indexOf('\r\n\r\n');
        if (head < 0) return;
        const headers = received.toString('latin1', 0, head + 2);
        const length = /content-length: (\d+)\r/i.exec(headers)?.[1];
        if (length === undefined) return reject(new Error(`an answer without a length: ${headers}`));
        if (received.length < head + 4 + Number(length)) return;
        const answer = received;
        received = undefined;
        take(headers.slice(9, 12), () => answer.toString(), performance.now() - began);
        send();
      });
      socket.on('error', reject);
      socket.on('close', () => reject(new Error('the connection was closed')));
      send();
    });
  }

  const sockets = await Promise.all(Array.from({ length: job.connections }, () => open(hostname, Number(port))));
  await Promise.all(sockets.map(serve));
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage();
  return {
    requests: latencies.count,
    seconds,
    p50: latencies.percentile(0.5),
    p99: latencies.percentile(0.99),
    statuses,
    surprises,
    cpuSeconds: (user + system) / 1e6,
  };
}

function open(host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true }, () => {
      socket.off('error', reject);
      resolve(socket);
    });
    socket.once('error', reject);
  });
}

console.log(JSON.stringify(await run(JSON.parse(process.argv[2] ?? '') as HttpJob)));
process.exit(0);
