import type { CalendarSources } from '../../application/calendar-sources.js';
import type { SyncTimeOff } from '../../domain/availability/commands.js';
import type { CalendarService } from '../../gen/aceup/scheduler/v1/calendar_service_pb.js';
import { setOrThrow } from '../answer/calendar-source-message.js';
import type { Handler } from '../endpoints.js';
import { etag } from '../request/fields.js';
import { type CommandParts, etagGiven, submit } from '../request/submit-command.js';
import { keyGiven } from './given.js';

/** The command is known by what it does: whoever sends it again finds nothing left to do. */
const NOT_REMEMBERED = { requestId: '', validateOnly: false };

/** Deletes a calendar source and its time off; see the rpc's comment. */
export function deleteCalendarSourceHandler(
  sources: CalendarSources,
  parts: Pick<CommandParts, 'commands' | 'now'>,
): Handler<typeof CalendarService.method.deleteCalendarSource> {
  return async (request, call) => {
    const key = keyGiven(request, etag('etag', request.etag));
    const deleted = await sources.delete(key, etagGiven(request, call), async () => {
      const command: SyncTimeOff = { type: 'SyncTimeOff', ...key, timeOff: [], now: parts.now() };
      await submit(parts, call, NOT_REMEMBERED, command, key);
    });
    setOrThrow(key, deleted);
    return {};
  };
}
