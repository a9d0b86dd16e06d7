/** The body of an answer, and what it says of why the request is refused. */
export interface RememberingBody {
  readonly body: AsyncIterable<Uint8Array>;
  /** Undefined when the body says nothing of it, or was not written. */
  readonly why: () => string | undefined;
}

/** The same body. Connect refuses a request by itself, when it makes no call, and tells nobody else why. */
export function rememberingReason(body: AsyncIterable<Uint8Array>): RememberingBody {
  let first: Uint8Array | undefined;
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for await (const chunk of body) {
      first ??= chunk;
      yield chunk;
    }
  }
  return { body: chunks(), why: () => first && reasonIn(Buffer.from(first).toString()) };
}

/** Connect writes an error as JSON; gRPC-Web writes its message percent-encoded among the trailers. */
function reasonIn(text: string): string | undefined {
  const [, json] = /"message":("(?:[^"\\]|\\.)*")/.exec(text) ?? [];
  if (json) return JSON.parse(json);
  const [, encoded] = /grpc-message: ?([^\r\n]*)/.exec(text) ?? [];
  return encoded && decodeURIComponent(encoded);
}
