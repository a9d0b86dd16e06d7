import type { MessageInitShape } from '@bufbuild/protobuf';
import { Code, ConnectError } from '@connectrpc/connect';
import type { SchedulerClient } from './client.js';
import { type SchedulerError, schedulerError } from './errors.js';
import type { WatchSessionsRequestSchema, WatchSessionsResponse } from './gen/aceup/scheduler/v1/session_service_pb.js';
import { connectErrorOf, pause, pauseAfter } from './retries.js';

/** Milliseconds after which a stream on which nothing comes is taken for lost: the service says something every 15 s. */
const SILENCE = 45_000;

/** How to watch. */
export interface WatchOptions {
  /** Ends the watch with its reason. */
  readonly signal?: AbortSignal;
}

/**
 * Watches changes, and goes on after the last position whenever the stream ends: the connection was lost, the service
 * was started again, or the messages were taken too slowly. Each message has the position to go on from with another
 * watch. A change may come twice after a loss; its `id` tells. Throws `SchedulerError` when going on cannot help.
 */
export async function* watchChanges(
  scheduler: Pick<SchedulerClient, 'watchSessions'>,
  request: MessageInitShape<typeof WatchSessionsRequestSchema>,
  { signal }: WatchOptions = {},
): AsyncGenerator<WatchSessionsResponse, never> {
  let { afterPosition } = request;
  for (let attempts = 1; ; attempts += 1) {
    let error: ConnectError;
    try {
      const more = { ...request, ...(afterPosition !== undefined && { afterPosition }) };
      for await (const message of untilSilent(
        (silence) => scheduler.watchSessions(more, { signal: silence }),
        signal,
      )) {
        attempts = 1;
        // 0 while the present state is told: it is told again after a loss.
        if (message.position > 0n) afterPosition = message.position;
        yield message;
      }
      error = new ConnectError('the stream ended', Code.Unavailable);
    } catch (reason) {
      error = connectErrorOf(reason, signal);
    }
    const failure = schedulerError(error, { requestId: undefined, attempts });
    const pauseMs = isTooSlow(failure) ? 0 : pauseAfter(error, attempts);
    if (pauseMs === undefined || signal?.aborted || !(await pause(pauseMs, signal))) throw failure;
  }
}

function isTooSlow({ reason }: SchedulerError): boolean {
  return reason === 'READER_TOO_SLOW';
}

/** The messages of a stream, which is given up when none comes for too long. */
async function* untilSilent<Message>(
  open: (signal: AbortSignal) => AsyncIterable<Message>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Message> {
  const silence = new AbortController();
  const giveUp = () => silence.abort(new ConnectError('nothing came from the service', Code.Unavailable));
  const until = signal ? AbortSignal.any([signal, silence.signal]) : silence.signal;
  let timer = setTimeout(giveUp, SILENCE);
  try {
    for await (const message of open(until)) {
      clearTimeout(timer);
      yield message;
      timer = setTimeout(giveUp, SILENCE);
    }
  } catch (error) {
    throw silence.signal.aborted ? silence.signal.reason : error;
  } finally {
    clearTimeout(timer);
  }
}
