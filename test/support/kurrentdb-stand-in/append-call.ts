import { setImmediate as nextTurn } from 'node:timers/promises';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import type { IStreamsServer } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import type { AppendReq, AppendResp } from '@eventstore/db-client/generated/streams_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { type AppendAnswer, appendUnder } from './appends.js';
import { appendTooLarge, commitTimeout, handlerFailed, type NodeError, streamDeleted } from './errors.js';
import type { Expected } from './event-log.js';
import type { Node } from './node.js';
import { expectedOf, proposedEvent, streamName } from './requests.js';

/** The append that is a call of its own: options first, then each event. */
export function appendCall(node: Node): IStreamsServer['append'] {
  return (call, callback) => {
    const requests: AppendReq[] = [];
    call.on('data', (request: AppendReq) => requests.push(request));
    call.on('end', async () => {
      // A connection that is cut looks like the end of the requests at first.
      await nextTurn();
      if (call.cancelled) return;
      const [first, ...rest] = requests;
      const options = first?.getOptions();
      if (!options) return callback(handlerFailed());
      const append = {
        stream: streamName(options.getStreamIdentifier()),
        expected: expectedOf(options, options.getRevision()),
        events: rest.map((request) => proposedEvent(request.getProposedMessage()!)),
      };
      const peer = call.getPeer();
      const answer = await appendUnder(node.fault('append', peer), node, peer, append);
      if (!answer) return;
      const response = toResponse(answer, append.stream, append.expected);
      if ('code' in response) callback(response);
      else callback(null, response);
    });
  };
}

function toResponse(answer: AppendAnswer, stream: string, expected: Expected): AppendResp | NodeError {
  const response = new streams.AppendResp();
  switch (answer.kind) {
    case 'success': {
      const position = new streams.AppendResp.Position()
        .setCommitPosition(String(answer.position))
        .setPreparePosition(String(answer.position));
      const success = new streams.AppendResp.Success().setCurrentRevision(String(answer.revision));
      return response.setSuccess(success.setPosition(position));
    }
    case 'wrongVersion': {
      const conflict = new streams.AppendResp.WrongExpectedVersion();
      if (answer.current < 0n) conflict.setCurrentNoStream(new shared.Empty());
      else conflict.setCurrentRevision(String(answer.current));
      if (expected === 'any') conflict.setExpectedAny(new shared.Empty());
      else if (expected === 'exists') conflict.setExpectedStreamExists(new shared.Empty());
      else if (expected < 0n) conflict.setExpectedNoStream(new shared.Empty());
      else conflict.setExpectedRevision(String(expected));
      return response.setWrongExpectedVersion(conflict);
    }
    case 'deleted':
      return streamDeleted(stream);
    case 'tooLarge':
      return appendTooLarge(answer.most);
    case 'commitTimeout':
      return commitTimeout();
    case 'badRequest':
      return handlerFailed();
    case 'error':
      return answer.error;
    default:
      throw answer satisfies never;
  }
}
