import shared from '@eventstore/db-client/generated/shared_pb.js';
import statuses from '@eventstore/db-client/generated/status_pb.js';
import type { IStreamsServer } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import type { BatchAppendReq, BatchAppendResp } from '@eventstore/db-client/generated/streams_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { status } from '@grpc/grpc-js';
import any from 'google-protobuf/google/protobuf/any_pb.js';
import { type AppendAnswer, appendUnder } from './appends.js';
import type { Expected } from './event-log.js';
import type { Node } from './node.js';
import { expectedOf, proposedEvent, streamName } from './requests.js';

/**
 * Many appends over one stream, each answered under its correlation id, in any order. Each request is taken for a whole
 * append.
 */
export function batchAppendCall(node: Node): IStreamsServer['batchAppend'] {
  return (call) => {
    call.on('data', async (request: BatchAppendReq) => {
      const peer = call.getPeer();
      const fault = node.fault('batchAppend', peer);
      if (fault === 'end') return call.end();
      // Only an unready node says so in an answer.
      if (typeof fault === 'object' && fault.code !== status.UNAVAILABLE) return call.emit('error', fault);
      const options = request.getOptions()!;
      const append = {
        stream: streamName(options.getStreamIdentifier()),
        expected: expectedOf(options, options.getStreamPosition()),
        events: request.getProposedMessagesList().map(proposedEvent),
      };
      const answer = await appendUnder(fault, node, peer, append);
      if (!answer || call.cancelled || call.writableEnded) return;
      const response = new streams.BatchAppendResp()
        .setCorrelationId(request.getCorrelationId())
        .setStreamIdentifier(options.getStreamIdentifier());
      call.write(withAnswer(response, answer, append.stream, append.expected));
    });
    call.on('end', () => call.end());
    // The client has hung up.
    call.on('error', () => {});
  };
}

function withAnswer(response: BatchAppendResp, answer: AppendAnswer, stream: string, expected: Expected) {
  switch (answer.kind) {
    case 'success': {
      const position = new shared.AllStreamPosition()
        .setCommitPosition(String(answer.position))
        .setPreparePosition(String(answer.position));
      const success = new streams.BatchAppendResp.Success().setCurrentRevision(String(answer.revision));
      return response.setSuccess(success.setPosition(position));
    }
    case 'wrongVersion': {
      const conflict = new shared.WrongExpectedVersion();
      if (answer.current < 0n) conflict.setCurrentNoStream(new shared.Empty());
      else conflict.setCurrentStreamRevision(String(answer.current));
      if (expected === 'any') conflict.setExpectedAny(new shared.Empty());
      else if (expected === 'exists') conflict.setExpectedStreamExists(new shared.Empty());
      else if (expected < 0n) conflict.setExpectedNoStream(new shared.Empty());
      else conflict.setExpectedStreamPosition(String(expected));
      return response.setError(error(status.ALREADY_EXISTS, 'WrongExpectedVersion', conflict.serializeBinary()));
    }
    case 'deleted': {
      const name = new shared.StreamIdentifier().setStreamName(Buffer.from(stream));
      const deleted = new shared.StreamDeleted().setStreamIdentifier(name);
      return response.setError(error(status.NOT_FOUND, 'StreamDeleted', deleted.serializeBinary()));
    }
    case 'tooLarge': {
      const exceeded = new shared.MaximumAppendSizeExceeded().setMaxappendsize(answer.most);
      return response.setError(error(status.INVALID_ARGUMENT, 'MaximumAppendSizeExceeded', exceeded.serializeBinary()));
    }
    case 'commitTimeout':
      return response.setError(error(status.DEADLINE_EXCEEDED, 'Timeout'));
    case 'badRequest':
      return response.setError(error(status.INVALID_ARGUMENT, 'BadRequest'));
    case 'error':
      return response.setError(error(answer.error.code, 'Unknown').setMessage(answer.error.details));
    default:
      throw answer satisfies never;
  }
}

function error(code: status, name: string, details: Uint8Array = new Uint8Array()) {
  const packed = new any.Any();
  packed.pack(details, `event_store.client.${name}`);
  return new statuses.Status()
    .setCode(code as never)
    .setMessage(name)
    .setDetails(packed);
}
