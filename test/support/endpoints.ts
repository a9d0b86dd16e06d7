import type { DescMethodUnary, Message } from '@bufbuild/protobuf';
import type { Logger } from 'pino';
import { createAdmission } from '../../src/doors/interceptors/admission.js';
import { createCallFrame } from '../../src/doors/interceptors/call-frame.js';
import type { AccessRule } from '../../src/handlers/access/access-rules.js';
import { UNVERIFIED } from '../../src/handlers/access/principal.js';
import { ANYBODY } from '../../src/handlers/access/scope.js';
import type { Call, IncomingCall, Invoke, Stream, UnaryEndpoint } from '../../src/handlers/call.js';

/** A method that everybody may call about everybody. */
export const FOR_EVERYBODY: AccessRule = { byLink: false, checkRoles() {}, scopeOf: () => ANYBODY };

/** A call as a service lets it in that authenticates nobody. */
export function letIn(call: IncomingCall): Call {
  return { ...call, principal: UNVERIFIED, scope: ANYBODY };
}

/** An endpoint without the frame. */
export function unframed(method: DescMethodUnary, invoke: Invoke): UnaryEndpoint {
  return { method, invoke: async (read, call) => invoke(read(), letIn(call)) };
}

/** The frame of a service that authenticates nobody, for requests that are decoded already. */
export function openFrame(log: Logger, limitMs: number) {
  const frame = createCallFrame(log, createAdmission(), limitMs);
  return {
    unary: (invoke: Invoke) => {
      const framed = frame.unary(invoke, FOR_EVERYBODY);
      return (request: Message, call: IncomingCall) => framed(() => request, call);
    },
    stream: (stream: Stream) => {
      const framed = frame.stream(stream, FOR_EVERYBODY);
      return (request: Message, call: IncomingCall) => framed(() => request, call);
    },
  };
}
