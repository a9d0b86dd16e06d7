import { setTimeout as sleep } from 'node:timers/promises';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import type { IStreamsServer } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import type { ReadReq, ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { handlerFailed, invalidReadPosition, invalidSubscriptionPosition, streamDeleted } from './errors.js';
import type { StoredEvent } from './event-log.js';
import type { Node } from './node.js';
import { streamName } from './requests.js';
import { InvalidPlace, type SubscriptionMessage, type SubscriptionRequest, subscription } from './subscription.js';

type Call = Parameters<IStreamsServer['read']>[0];
type Options = ReadReq.Options;

/** Reads of a stream or the log, and subscriptions to the log. */
export function readCall(node: Node): IStreamsServer['read'] {
  return async (call) => {
    const options = call.request.getOptions()!;
    const isSubscription = options.hasSubscription();
    const fault = node.fault(isSubscription ? 'subscribe' : 'read', call.getPeer());
    if (fault === 'silentBefore' || fault === 'silentAfter') return;
    if (fault === 'end' && isSubscription) return void call.end();
    if (typeof fault === 'string') return node.cut(call.getPeer());
    if (fault) return void call.emit('error', fault);
    if (isSubscription) await subscribe(node, call, options);
    else if (options.hasStream()) readStream(node, call, options);
    else readAll(node, call, options);
  };
}

function readStream(node: Node, call: Call, options: Options): void {
  const asked = options.getStream()!;
  const stream = streamName(asked.getStreamIdentifier());
  if (node.log.isTombstoned(stream)) return void call.emit('error', streamDeleted(stream));
  const events = node.log.stream(stream);
  if (!events) {
    const name = new shared.StreamIdentifier().setStreamName(Buffer.from(stream));
    const notFound = new streams.ReadResp.StreamNotFound().setStreamIdentifier(name);
    call.write(new streams.ReadResp().setStreamNotFound(notFound));
    return void call.end();
  }
  const isBackwards = options.getReadDirection() === streams.ReadReq.Options.ReadDirection.BACKWARDS;
  const from = asked.hasRevision() ? BigInt(asked.getRevision()) : undefined;
  const inOrder = isBackwards ? events.toReversed() : events;
  const found = inOrder.filter(
    ({ revision }) => from === undefined || (isBackwards ? revision <= from : revision >= from),
  );
  for (const event of found.slice(0, Number(options.getCount()))) call.write(toMessage(event));
  call.end();
}

function readAll({ log }: Node, call: Call, options: Options): void {
  const asked = options.getAll()!;
  const isBackwards = options.getReadDirection() === streams.ReadReq.Options.ReadDirection.BACKWARDS;
  const start = asked.hasPosition() ? log.indexOf(BigInt(asked.getPosition()!.getCommitPosition())) : undefined;
  if (asked.hasPosition() && start === undefined) return void call.emit('error', invalidReadPosition());
  const count = Number(options.getCount());
  const first = start ?? (asked.hasEnd() ? log.length : 0);
  for (let i = 0; i < count; i++) {
    // Forwards from the position (inclusive), backwards from before it.
    const event = log.at(isBackwards ? first - 1 - i : first + i);
    if (!event) break;
    call.write(toMessage(event));
  }
  call.end();
}

async function subscribe(node: Node, call: Call, options: Options): Promise<void> {
  const gone = new AbortController();
  call.on('cancelled', () => gone.abort());
  const request = toSubscriptionRequest(options);
  if (!request) return void call.emit('error', handlerFailed());
  try {
    for await (const message of subscription(node.log, request, gone.signal)) {
      const fault = node.deliveryFault(message.kind, call.getPeer());
      // What was delivered before has time to leave.
      if (fault === 'cut' || fault === 'delay') await sleep(10);
      if (fault === 'cut') return node.cut(call.getPeer());
      if (fault === 'silent') return;
      if (fault === 'end') return void call.end();
      if (typeof fault === 'object') return void call.emit('error', fault);
      if (call.cancelled) return;
      if (fault === 'repeat') call.write(toResponse(message));
      if (!call.write(toResponse(message))) await drained(call, gone.signal);
    }
  } catch (error) {
    if (!(error instanceof InvalidPlace)) throw error;
    call.emit('error', invalidSubscriptionPosition());
  }
}

/** `undefined`: a subscription of a kind that the stand-in does not have. */
function toSubscriptionRequest(options: Options): SubscriptionRequest | undefined {
  const asked = options.getAll();
  const filter = options.getFilter();
  const prefixes = filter?.getStreamIdentifier()?.getPrefixList();
  if (!asked || !filter || !prefixes || asked.hasEnd()) return undefined;
  const position = asked.getPosition();
  return {
    from: position && { commit: BigInt(position.getCommitPosition()), prepare: BigInt(position.getPreparePosition()) },
    matches: ({ stream }) => prefixes.some((prefix) => stream.startsWith(prefix)),
    window: filter.hasMax() ? filter.getMax() : 32,
    interval: filter.getCheckpointintervalmultiplier(),
  };
}

function drained(call: Call, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      call.off('drain', done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    call.on('drain', done);
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });
}

function toResponse(message: SubscriptionMessage): ReadResp {
  const response = new streams.ReadResp();
  switch (message.kind) {
    case 'confirmation':
      return response.setConfirmation(
        new streams.ReadResp.SubscriptionConfirmation().setSubscriptionId(crypto.randomUUID()),
      );
    case 'event':
      return toMessage(message.event);
    case 'checkpoint':
      return response.setCheckpoint(
        new streams.ReadResp.Checkpoint()
          .setCommitPosition(String(message.place.commit))
          .setPreparePosition(String(message.place.prepare)),
      );
    case 'caughtUp':
      return response.setCaughtUp(new streams.ReadResp.CaughtUp());
    default:
      throw message satisfies never;
  }
}

/** Milliseconds are 10,000 ticks. */
const TICKS = 10_000n;

function toMessage(event: StoredEvent): ReadResp {
  const recorded = new streams.ReadResp.ReadEvent.RecordedEvent()
    .setId(new shared.UUID().setString(event.id))
    .setStreamIdentifier(new shared.StreamIdentifier().setStreamName(Buffer.from(event.stream)))
    .setStreamRevision(String(event.revision))
    .setCommitPosition(String(event.position))
    .setPreparePosition(String(event.position))
    .setData(event.data)
    .setCustomMetadata(event.metadata);
  recorded
    .getMetadataMap()
    .set('type', event.type)
    .set('content-type', event.contentType)
    .set('created', String(BigInt(event.created.getTime()) * TICKS));
  const read = new streams.ReadResp.ReadEvent().setEvent(recorded).setCommitPosition(String(event.position));
  return new streams.ReadResp().setEvent(read);
}
