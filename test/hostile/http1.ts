import { type DescMethod, fromJson, getOption, type JsonObject, toBinary } from '@bufbuild/protobuf';
import { http } from '../../src/gen/google/api/annotations_pb.js';
import type { Door } from './attack.js';

/** A request of HTTP/1.1 before it is written. */
export interface HttpRequest {
  readonly verb: string;
  readonly target: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
}

/** How a door of HTTP takes a request. */
export function httpRequest(door: Exclude<Door, 'grpc'>, method: DescMethod, json: JsonObject): HttpRequest {
  if (door === 'rest') return restRequest(method, json);
  if (door === 'connect') {
    const body = Buffer.from(JSON.stringify(json));
    if (method.methodKind === 'unary') return connectRequest(method, 'application/json', body);
    return connectRequest(method, 'application/connect+json', envelope(body));
  }
  return grpcWebRequest(method, bytesOf(method, json));
}

/** A request as protobuf. */
export function bytesOf(method: DescMethod, json: JsonObject): Buffer {
  return Buffer.from(toBinary(method.input, fromJson(method.input, json)));
}

export function connectRequest(method: DescMethod, contentType: string, body: Buffer): HttpRequest {
  return { verb: 'POST', target: pathOf(method), headers: [['content-type', contentType]], body };
}

export function grpcWebRequest(method: DescMethod, message: Buffer): HttpRequest {
  return connectRequest(method, 'application/grpc-web+proto', envelope(message));
}

/** A message of gRPC with its prefix. */
export function envelope(message: Buffer, flags = 0, length = message.length): Buffer {
  const prefix = Buffer.alloc(5);
  prefix[0] = flags;
  prefix.writeUInt32BE(length, 1);
  return Buffer.concat([prefix, message]);
}

export function pathOf(method: DescMethod): string {
  return `/${method.parent.typeName}/${method.name}`;
}

function restRequest(method: DescMethod, json: JsonObject): HttpRequest {
  const { pattern } = getOption(method, http);
  const rest = { ...json };
  const path = String(pattern.value).replaceAll(/\{(\w+)\}/g, (_, field: string) => {
    delete rest[field];
    return encodeURIComponent(String(json[field] ?? ''));
  });
  const verb = String(pattern.case).toUpperCase();
  if (verb === 'GET' || verb === 'DELETE') {
    const query = Object.entries(rest).flatMap(([name, value]) => {
      return [value].flat().map((one): [string, string] => [name, String(one)]);
    });
    return { verb, target: `${path}?${new URLSearchParams(query)}`, headers: [], body: Buffer.alloc(0) };
  }
  const body = Buffer.from(JSON.stringify(rest));
  return { verb, target: path, headers: [['content-type', 'application/json']], body };
}

/** The bytes of a request, with a host and the length of its body unless its headers have them. */
export function written({ verb, target, headers, body }: HttpRequest): Buffer {
  const names = new Set(headers.map(([name]) => name.toLowerCase()));
  const own = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const host = names.has('host') ? '' : 'host: localhost\r\n';
  const isFramed = names.has('content-length') || names.has('transfer-encoding');
  const length = isFramed || (verb === 'GET' && body.length === 0) ? '' : `content-length: ${body.length}\r\n`;
  return Buffer.concat([Buffer.from(`${verb} ${target} HTTP/1.1\r\n${host}${own}${length}\r\n`, 'latin1'), body]);
}

/** Has the service close the connection after its answer. */
export function asLast(request: HttpRequest): HttpRequest {
  return { ...request, headers: [...request.headers, ['connection', 'close']] };
}

/** One answer. */
export interface HttpAnswer {
  readonly status: number;
  /** Of gRPC-Web; -1 when there is none. */
  readonly grpcStatus: number;
  /** Whether the service closes the connection after it, as HTTP lets it: requests behind it get no answer. */
  readonly isLast: boolean;
}

/** Reads answers from bytes as they come. Answers to HEAD look as if they had no end. */
export function createAnswerReader(): { read(chunk: Buffer): void; readonly answers: readonly HttpAnswer[] } {
  const answers: HttpAnswer[] = [];
  let text = '';
  return {
    answers,
    read(chunk) {
      text += chunk.toString('latin1');
      for (let length = firstAnswer(text); length > 0; length = firstAnswer(text)) {
        const answer = text.slice(0, length);
        text = text.slice(length);
        const status = Number(answer.slice(9, 12));
        // What announces the answer is no answer.
        if (status < 200) continue;
        const grpcStatus = Number(/grpc-status: *(\d+)/.exec(answer)?.[1] ?? -1);
        answers.push({ status, grpcStatus, isLast: /\r\nconnection: close\r\n/i.test(answer) });
      }
    },
  };
}

/** The length of the answer at the beginning of a text; 0 when it is not all there. */
function firstAnswer(text: string): number {
  const headEnd = text.indexOf('\r\n\r\n') + 4;
  if (headEnd < 4) return 0;
  const head = text.slice(0, headEnd).toLowerCase();
  if (/^http\/1.1 (1..|204|304)/.test(head)) return headEnd;
  if (head.includes('\r\ntransfer-encoding: chunked\r\n')) {
    const end = text.indexOf('0\r\n\r\n', headEnd);
    return end === -1 ? 0 : end + 5;
  }
  const end = headEnd + Number(/\r\ncontent-length: (\d+)\r\n/.exec(head)?.[1] ?? 0);
  return end <= text.length ? end : 0;
}
