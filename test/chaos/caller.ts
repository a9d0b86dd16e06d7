import type { JsonObject } from '@bufbuild/protobuf';
import { pause } from '../../src/waiting.js';
import type { Random } from '../model/random.js';
import type { Answer, Door } from '../support/doors.js';
import * as doors from '../support/doors.js';
import type { Ledger, Method } from './ledger.js';

/** Sends requests to any door of any service, until one tells what became of them. */
export interface Caller {
  /** The last answer; undefined when nobody told in time: the command may have taken effect. */
  command(method: Method, coach: string, request: JsonObject): Promise<Answer | undefined>;
  /** Undefined when nobody answered the first time. */
  read(method: 'getSession' | 'listSessions', request: JsonObject): Promise<Answer | undefined>;
}

/** What a caller needs. */
export interface CallerParts {
  readonly doors: readonly Door[];
  readonly ledger: Ledger;
  readonly random: Random;
  /** Called with what happened, for the report. */
  readonly count: (what: string) => void;
  /** Called with an answer that no caller should get, in words. */
  readonly onWrong: (what: string) => void;
}

/** Milliseconds after which a caller takes an attempt for lost, and a command for given up. */
const ATTEMPT = 2_500;
const PATIENCE = 45_000;

const NOT_TOLD = new Set<Answer['code']>(['Unavailable', 'DeadlineExceeded', 'ResourceExhausted', 'Canceled']);

/** A caller over the doors of all services. */
export function createCaller({ doors: all, ledger, random, count, onWrong }: CallerParts): Caller {
  const anyDoor = () => all[random.below(all.length)]!;

  /** Undefined when there was no answer, or none that says what became of the request. */
  async function attempt(door: Door, method: keyof typeof METHODS, request: JsonObject): Promise<Answer | undefined> {
    const patience = new AbortController();
    const answer = await Promise.race([
      door.call(METHODS[method], request).catch(() => undefined),
      pause(ATTEMPT, patience.signal).then(
        () => undefined,
        () => undefined,
      ),
    ]);
    patience.abort();
    if (!answer) {
      count('lost');
      return undefined;
    }
    if (answer.code === 'InvalidArgument' && !isInOwnWay(method, answer))
      onWrong(`${method} ${JSON.stringify(request)}: ${answer.violations}`);
    if (isOverHttp(door) && (answer.code === 'Internal' || answer.code === 'Unknown')) {
      onWrong(`${method} ${JSON.stringify(request)} was answered ${answer.code} by ${door.name}`);
    }
    if (NOT_TOLD.has(answer.code) || answer.code === 'Internal' || answer.code === 'Unknown') {
      count('unavailable');
      return undefined;
    }
    if (answer.code === 'Aborted' && answer.reason === undefined) {
      count('contended');
      return undefined;
    }
    return answer;
  }

  return {
    async command(method, coach, content) {
      const entry = ledger.open(method, coach, content);
      const request = { ...content, request_id: entry.requestId };
      const end = performance.now() + PATIENCE;

      async function tell(): Promise<Answer | undefined> {
        entry.attempts += 1;
        const answer = await attempt(anyDoor(), method, request);
        if (answer) entry.answers.push(answer);
        else entry.unknown += 1;
        return answer;
      }

      while (performance.now() < end) {
        // Some callers are so impatient that they ask two services at once.
        const answers = await Promise.all(random.chance(0.05) ? [tell(), tell()] : [tell()]);
        const answer = answers.find((one) => one?.code === 'OK') ?? answers.find((one) => one !== undefined);
        if (answer) {
          count(answer.code === 'OK' ? 'accepted' : (answer.reason ?? answer.code));
          return answer;
        }
        await pause(20 + random.below(200));
      }
      count('given up');
      return undefined;
    },

    async read(method, request) {
      const answer = await attempt(anyDoor(), method, request);
      if (answer) count(answer.code === 'OK' ? 'read' : `read: ${answer.code}`);
      return answer;
    },
  };
}

/** Of a series of which a part was moved, two occurrences may be in one day: they cannot move to one time of day. */
function isInOwnWay(method: keyof typeof METHODS, { violations }: Answer): boolean {
  const description = violations[0]?.[1] ?? '';
  return method === 'rescheduleSeries' && description.startsWith('must not let occurrences overlap');
}

/** Over gRPC the client, too, makes up such codes when a connection breaks. */
function isOverHttp({ name }: Door): boolean {
  return name === 'REST' || name === 'Connect JSON';
}

const METHODS = {
  scheduleSession: doors.scheduleSession,
  rescheduleSession: doors.rescheduleSession,
  cancelSession: doors.cancelSession,
  completeSession: doors.completeSession,
  markNoShow: doors.markNoShow,
  correctOutcome: doors.correctOutcome,
  scheduleSeries: doors.scheduleSeries,
  rescheduleSeries: doors.rescheduleSeries,
  cancelSeries: doors.cancelSeries,
  holdSlot: doors.holdSlot,
  confirmHold: doors.confirmHold,
  releaseHold: doors.releaseHold,
  getSession: doors.getSession,
  listSessions: doors.listSessions,
} as const;
