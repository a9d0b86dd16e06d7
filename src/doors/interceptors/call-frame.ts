import type { Message } from '@bufbuild/protobuf';
import { Code, ConnectError } from '@connectrpc/connect';
import type { Logger } from 'pino';
import type { Credential } from '../../authentication/credential.js';
import { createFairShares, TooMuchWaits } from '../../fair-shares.js';
import type { AccessRule } from '../../handlers/access/access-rules.js';
import { STRANGER, UNVERIFIED } from '../../handlers/access/principal.js';
import type { Answer, Call, Invoke, ReadMessage } from '../../handlers/call.js';
import type { CallFrame } from '../../handlers/endpoints.js';
import { costOf } from '../../handlers/request/cost.js';
import { hungUp } from '../incoming-call.js';
import type { Admission } from './admission.js';
import { createDecodingTurns } from './decoding-turns.js';
import type { LoopWatch } from './loop-watch.js';
import { createMessageTurns } from './message-turns.js';
import { createOpenCalls, type OpenCall } from './open-calls.js';

/** A call that may go on to its handler. */
interface Admitted {
  readonly call: Call;
  readonly request: Message;
  readonly credential: Credential | undefined;
}

/**
 * How much is under way at once, in bookings (`costOf`), and how many calls wait for their turn. A process makes about
 * 7,000 bookings per second: what a new caller finds under way takes a tenth of a second at most. More than three times
 * `MAX_COST`: one caller has two thirds, and one call more, and leaves room for another.
 */
const CAPACITY = 640;
const MAX_WAITING = 10_000;

/**
 * The frame around every handler, the same at every door. In this order, a call gets
 *
 * 1. its line in the log, written when the call ends: ids and outcome, never content
 * 2. its end: the answer, an error, the deadline, or a caller that hangs up, whichever is first
 * 3. its admission: who the caller is, whether it asks for too much, what the request says (decoded in turn,
 *    `DecodeInTurn`), whether this caller may ask for it
 * 4. its turn, if it is unary: callers share the process (`FairShares`); each message of a stream has one (`MessageTurns`)
 * 5. its handler
 *
 * Whatever a step throws ends the call (`OpenCalls`) with an error for the caller (`forCaller`).
 *
 * A call ends at once when it is cancelled; a booking whose append is under way may still be made. A caller's share is
 * free again when the handler has ended and the caller has taken the answer.
 * @param admission lets calls in
 * @param limitMs the service's own limit for a unary call, in milliseconds. A stream has only the caller's deadline
 * @param loop gets to know of each call
 */
export function createCallFrame(log: Logger, admission: Admission, limitMs: number, loop?: LoopWatch): CallFrame {
  const { begin, succeed, fail } = createOpenCalls(log, limitMs, loop);
  const shares = createFairShares(CAPACITY, MAX_WAITING);
  const decodeInTurn = createDecodingTurns();
  const messageTurns = createMessageTurns();

  /** Fails a call that was let in. Of a stranger, having no key that opens something is a failure to authenticate. */
  function refuse(open: OpenCall, thrown: unknown): void {
    if (!open.isStranger || !(thrown instanceof ConnectError) || !WITHOUT_KEY.has(thrown.code)) fail(open, thrown);
    else
      admission.countFailure(open.call).then(
        () => fail(open, thrown),
        (limited) => fail(open, limited),
      );
  }

  /**
   * Goes on with a call that may come in, at once or later, unless it has ended meanwhile. Before the request is decoded,
   * the caller is known, and has a role that may call the method: nobody else gives the service work, or hears what is
   * wrong with the request.
   */
  function letIn(open: OpenCall, read: ReadMessage, access: AccessRule, goOn: (admitted: Admitted) => void): void {
    const identified = (credential: Credential | undefined) => {
      if (open.isOver) return;
      const principal = credential?.principal ?? UNVERIFIED;
      open.subject = principal.subject;
      open.isStranger = principal === STRANGER;
      if (principal.subject) open.caller = `@${principal.subject}`;
      const decode = () => {
        try {
          const request = read();
          open.request = request;
          open.cost = costOf(open.call.method, request);
          const scope = access.scopeOf(principal, request);
          goOn({ request, credential, call: { ...open.call, caller: open.caller, principal, scope } });
        } catch (error) {
          refuse(open, error);
        }
      };
      try {
        access.checkRoles(principal);
        if (!decodeInTurn(open, decode)) throw new TooMuchWaits();
      } catch (error) {
        refuse(open, error);
      }
    };
    try {
      const found = admission.identify(open.call, access.byLink);
      if (found && 'then' in found) found.then(identified, (error) => fail(open, error));
      else identified(found);
    } catch (error) {
      fail(open, error);
    }
  }

  function takeTurn(
    open: OpenCall,
    invoke: Invoke,
    { request, call }: Admitted,
    resolve: (answer: Answer) => void,
  ): void {
    open.begin = () => {
      let isFirst = true;
      const halfOver = () => {
        if (!isFirst) shares.leave(open);
        isFirst = false;
      };
      call.cancellation.whenClosed(halfOver);
      invoke(request, call).then(
        (answer) => {
          succeed(open, answer);
          resolve(answer);
          halfOver();
        },
        (thrown) => {
          refuse(open, thrown);
          halfOver();
        },
      );
    };
    if (!shares.enter(open)) fail(open, new TooMuchWaits());
  }

  return {
    unary: (invoke, access) => (read, incoming) =>
      new Promise((resolve, reject) => {
        const open = begin(incoming, true, reject);
        if (!open.isOver) letIn(open, read, access, (admitted) => takeTurn(open, invoke, admitted, resolve));
      }),

    stream: (stream, access) =>
      async function* (read, incoming) {
        let messages: AsyncIterator<Answer> | undefined;
        let tellReader = (_error: ConnectError) => {};
        let leave = nothing;
        const open = begin(incoming, false, (error) => {
          tellReader(error);
          // The door may never come back for a message, as when its caller has gone.
          leave();
          // Nobody waits for the handler to stop: it may be slow to notice.
          messages
            ?.return?.()
            .catch((err) => log.error({ err, correlationId: incoming.correlationId }, 'a stream failed late'));
        });
        const unlessOver = <Value>(wait: (resolve: (value: Value) => void) => void) =>
          new Promise<Value>((resolve, reject) => {
            if (open.failure) return reject(open.failure);
            tellReader = reject;
            wait(resolve);
          });
        try {
          const admitted = await unlessOver<Admitted>((resolve) =>
            letIn(open, read, access, (admitted) => {
              leave = onceOnly(admission.enter(incoming, admitted.credential));
              resolve(admitted);
            }),
          );
          const source = stream(admitted.request, admitted.call)[Symbol.asyncIterator]();
          messages = source;
          const turns = messageTurns.of(open.caller);
          const nextMessage = () =>
            unlessOver<IteratorResult<Answer>>((resolve) => {
              source.next().then(resolve, (thrown) => fail(open, thrown));
            });
          for (let next = await nextMessage(); !next.done; next = await nextMessage()) {
            const { value } = next;
            await unlessOver<void>((resolve) => turns.take(resolve));
            yield value;
          }
          succeed(open);
        } finally {
          leave();
          // The door reads no further.
          if (!open.isOver) incoming.cancellation.abort(hungUp());
        }
      },
  };
}

function nothing(): void {}

function onceOnly(call: () => void): () => void {
  let isCalled = false;
  return () => {
    if (!isCalled) call();
    isCalled = true;
  };
}

/** With which a call is refused that has no key, or one that opens nothing. */
const WITHOUT_KEY = new Set([Code.Unauthenticated, Code.NotFound]);
