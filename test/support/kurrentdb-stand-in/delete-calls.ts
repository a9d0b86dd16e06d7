import type { IStreamsServer } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { deleteConflict, streamDeleted } from './errors.js';
import type { Expected, WriteOutcome } from './event-log.js';
import type { Node } from './node.js';
import { expectedOf, streamName } from './requests.js';

/** Deletion: a deleted stream may begin again, one with a tombstone may not. */
export function deleteCalls(node: Node): Pick<IStreamsServer, 'delete' | 'tombstone'> {
  return {
    delete: async ({ request }, callback) => {
      const options = request.getOptions()!;
      const stream = streamName(options.getStreamIdentifier());
      const expected = expectedOf(options, options.getRevision());
      const answer = await settled(node, 'Delete', stream, expected, node.log.hide(stream, expected));
      if (typeof answer === 'object') return callback(answer);
      const place = new streams.DeleteResp.Position().setCommitPosition(answer).setPreparePosition(answer);
      callback(null, new streams.DeleteResp().setPosition(place));
    },

    tombstone: async ({ request }, callback) => {
      const options = request.getOptions()!;
      const stream = streamName(options.getStreamIdentifier());
      const expected = expectedOf(options, options.getRevision());
      const answer = await settled(node, 'Tombstone', stream, expected, node.log.tombstone(stream, expected));
      if (typeof answer === 'object') return callback(answer);
      const place = new streams.TombstoneResp.Position().setCommitPosition(answer).setPreparePosition(answer);
      callback(null, new streams.TombstoneResp().setPosition(place));
    },
  };
}

/** The position, or the error to answer with. */
async function settled(node: Node, operation: string, stream: string, expected: Expected, outcome: WriteOutcome) {
  switch (outcome.kind) {
    case 'written':
      await node.committed();
      return String(outcome.position);
    case 'deleted':
      return streamDeleted(stream);
    case 'wrongVersion':
      return deleteConflict(operation, stream, expected === 'any' ? -2n : expected, outcome.current);
    default:
      throw new Error(`a deletion cannot have the outcome ${outcome.kind}`);
  }
}
