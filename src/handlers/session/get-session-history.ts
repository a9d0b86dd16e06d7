import type { HistoryOf, SessionChangeRow } from '../../application/read-model.js';
import type { SessionService } from '../../gen/aceup/scheduler/v1/session_service_pb.js';
import { timestampOf } from '../../json/times.js';
import { visible } from '../access/scope.js';
import { orNotFound } from '../answer/errors.js';
import { sessionOf } from '../answer/session-message.js';
import { historyToken, parseHistoryToken } from '../answer/tokens.js';
import type { Handler } from '../endpoints.js';
import { check, pageSize, pageSizeOf, uuid } from '../request/fields.js';
import type { ReadYourWrites } from '../request/read-your-writes.js';

/** Answers a page of the changes of a session; see the rpc's comment. */
export function getSessionHistoryHandler(
  history: HistoryOf,
  reads: ReadYourWrites,
): Handler<typeof SessionService.method.getSessionHistory> {
  return async (request, call) => {
    check(uuid('id', request.id), pageSize('page_size', request.pageSize));
    const id = request.id.toLowerCase();
    const after = parseHistoryToken(request.pageToken, id);
    const size = pageSizeOf(request.pageSize);
    await reads.waitFor(request.consistencyToken, call.cancellation);

    // One more than asked for tells whether there is a next page.
    const rows = await history(call).changes(id, after, size + 1);
    orNotFound('session', id, visible(call.scope, rows[0]?.session));
    const page = rows.slice(0, size);
    const last = page.at(-1);
    return {
      changes: page.map(changeOf),
      nextPageToken: last && rows.length > size ? historyToken(last.revision, id) : '',
    };
  };
}

function changeOf(change: SessionChangeRow) {
  return {
    type: change.type,
    at: timestampOf(change.decidedAt),
    actor: change.actor ?? '',
    subject: change.subject ?? '',
    reason: change.reason ?? '',
    requestId: change.requestId ?? '',
    correlationId: change.correlationId ?? '',
    revision: BigInt(change.revision),
    session: sessionOf(change.session),
    position: change.position,
    offsetMinutes: change.offsetMinutes ?? 0,
  };
}
