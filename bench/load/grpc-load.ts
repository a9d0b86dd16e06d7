/**
 * Books over gRPC on one connection, with so many calls under way. A program of its own: the job is its argument, as
 * JSON, and the `LoadResult` goes to standard output. It speaks HTTP/2 itself: on two cores, what a client library
 * spends is taken from the program that is measured.
 */
import { once } from 'node:events';
import { type ClientHttp2Session, connect } from 'node:http2';
import { create, toBinary } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { ScheduleSessionRequestSchema, SessionService } from '../../src/gen/aceup/scheduler/v1/session_service_pb.js';
import { createLatencies } from './latencies.js';
import type { LoadResult } from './load-result.js';
import { type Requests, wantedSession } from './requests.js';

/** What to do. */
export interface GrpcJob {
  readonly address: string;
  readonly inFlight: number;
  readonly seconds: number;
  readonly requests: Requests;
}

const HEADERS = {
  ':method': 'POST',
  ':path': `/${SessionService.typeName}/${SessionService.method.scheduleSession.name}`,
  'content-type': 'application/grpc+proto',
  te: 'trailers',
};
/** Before each message: that it is not compressed, and its length. */
const PREFIX_BYTES = 5;
const OK = '0';
const SURPRISES = 5;

async function run(job: GrpcJob): Promise<LoadResult> {
  const connection = connect(`http://${job.address}`);
  await once(connection, 'connect');
  const latencies = createLatencies();
  const statuses: Record<string, number> = {};
  const surprises: string[] = [];
  const started = performance.now();
  const end = started + job.seconds * 1000;
  let sent = 0;

  async function work(): Promise<void> {
    while (performance.now() < end) {
      const message = messageFor(job.requests, job.requests.first + sent);
      sent += 1;
      const began = performance.now();
      const { status, text } = await call(connection, message);
      latencies.add(performance.now() - began);
      const code = status === OK ? 'OK' : `code ${status}`;
      statuses[code] = (statuses[code] ?? 0) + 1;
      if (status !== OK && surprises.length < SURPRISES) surprises.push(text);
    }
  }

  await Promise.all(Array.from({ length: job.inFlight }, work));
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

function messageFor(requests: Requests, n: number): Buffer {
  const { start, ...session } = wantedSession(requests, n);
  const request = { session: { ...session, start: timestampFromMs(start * 1000) } };
  const bytes = toBinary(ScheduleSessionRequestSchema, create(ScheduleSessionRequestSchema, request));
  const message = Buffer.alloc(PREFIX_BYTES + bytes.length);
  message.writeUInt32BE(bytes.length, 1);
  message.set(bytes, PREFIX_BYTES);
  return message;
}

/** Makes a call. The status stands in the trailers, or in the headers when there is no answer besides. */
function call(connection: ClientHttp2Session, message: Buffer): Promise<{ status: string; text: string }> {
  return new Promise((resolve, reject) => {
    const stream = connection.request(HEADERS);
    let answered: Record<string, unknown> = {};
    stream.on('response', (headers) => {
      answered = headers;
    });
    stream.on('trailers', (trailers) => {
      answered = trailers;
    });
    stream.on('error', reject);
    stream.on('close', () => {
      const { 'grpc-status': status, 'grpc-message': text = '' } = answered;
      resolve({ status: String(status), text: String(text) });
    });
    stream.resume();
    stream.end(message);
  });
}

console.log(JSON.stringify(await run(JSON.parse(process.argv[2] ?? '') as GrpcJob)));
process.exit(0);
