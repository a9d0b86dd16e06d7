import {
  type DescMethodServerStreaming,
  fromJson,
  type JsonObject,
  type Message,
  type MessageShape,
} from '@bufbuild/protobuf';
import { type CallOptions, createClient, type Transport } from '@connectrpc/connect';

/** The messages of a stream, as one of the transports of connect brings them. Aborting the signal hangs up. */
export function streamOf<Method extends DescMethodServerStreaming>(
  transport: Transport,
  method: Method,
  request: JsonObject,
  options: CallOptions = {},
): AsyncIterable<MessageShape<Method['output']>> {
  const client = createClient(method.parent, transport) as unknown as Record<
    string,
    (request: Message, options: CallOptions) => AsyncIterable<MessageShape<Method['output']>>
  >;
  return client[method.localName]!(fromJson(method.input, request), options);
}

/** The first message of a stream, which is left then. */
export async function firstMessage<One>(open: (signal: AbortSignal) => AsyncIterable<One>): Promise<One> {
  const leaving = new AbortController();
  try {
    for await (const message of open(leaving.signal)) return message;
    throw new Error('the stream ended without a message');
  } finally {
    leaving.abort();
  }
}

/** One server-sent event. */
export interface ServerSentEvent {
  readonly id?: string;
  readonly event?: string;
  readonly data?: string;
}

/** The events of an answer, as they come; without comments. */
export async function* eventsOf(answer: Response): AsyncGenerator<ServerSentEvent> {
  let text = '';
  for await (const chunk of answer.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const lines = text.slice(0, end).split('\n');
      text = text.slice(end + 2);
      const fields = lines.filter((line) => line !== '' && !line.startsWith(':'));
      if (fields.length > 0) yield Object.fromEntries(fields.map((line) => fieldOf(line)));
    }
  }
}

function fieldOf(line: string): [name: string, value: string] {
  const [, name = line, value = ''] = /^([^:]+): ?(.*)$/.exec(line) ?? [];
  return [name, value];
}
