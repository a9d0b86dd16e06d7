import type { Http2Server, IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { gzipSync } from 'node:zlib';
import type { Server } from '@grpc/grpc-js';

/** Bytes of a frame before its message: a flag, and the length of the message. */
const PREFIX = 5;

/**
 * Has a server compress every message for callers who offer gzip, as nodes from 25.1 do: grpc-js servers never do.
 * @param onCompressed called with the path of each call that is answered so
 */
export function compressAnswers(server: Server, onCompressed: (path: string) => void): void {
  const { http2Servers } = server as unknown as { readonly http2Servers: ReadonlyMap<Http2Server, unknown> };
  for (const http2Server of http2Servers.keys()) {
    http2Server.prependListener('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
      if (!String(headers['grpc-accept-encoding']).includes('gzip')) return;
      onCompressed(headers[':path'] as string);
      const respond = stream.respond.bind(stream);
      const write = stream.write.bind(stream) as (chunk: Buffer, ...rest: unknown[]) => boolean;
      stream.respond = (answer, options) => respond({ ...answer, 'grpc-encoding': 'gzip' }, options);
      stream.write = ((chunk: Buffer, ...rest: unknown[]) => write(compressed(chunk), ...rest)) as typeof stream.write;
    });
  }
}

/** The frame with its message compressed. grpc-js writes one frame at a time. */
function compressed(frame: Buffer): Buffer {
  const message = gzipSync(frame.subarray(PREFIX));
  const prefix = Buffer.alloc(PREFIX);
  prefix.writeUInt8(1);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}
