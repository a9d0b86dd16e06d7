import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect as connectHttp2 } from 'node:http2';
import { isIP } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { waitAtMost } from '../../waiting.js';
import { hostsOf } from '../store-url.js';

/** Milliseconds that all hosts have to show what they speak. */
const PATIENCE = 1_000;

/** The codes with which OpenSSL and Node refuse a certificate. */
const CERTIFICATE_REFUSED = /^(?!ERR_SSL_).*(?:CERT|SIGNATURE)/;

/** The port of a host that the URL names without one. */
const DEFAULT_PORT = 2113;

/**
 * Finds out why the nodes of a URL cannot be reached although they may be there: TLS on one side only, or a certificate
 * that is not accepted. The client says no more than that a connection was dropped. Answers a sentence on a host
 * that has such a reason, within a second; undefined when none has. Never rejects.
 * @param url a URL that `checkKurrentdbUrl` takes
 */
export async function whyUnreachable(url: string): Promise<string | undefined> {
  const { hosts, usesTls, authority } = partsOf(url);
  let reason: string | undefined;
  const probes = hosts.map(async (host) => {
    const problem = await (usesTls ? problemWithTls(host, authority) : problemWithoutTls(host));
    reason ??= problem;
  });
  await waitAtMost(PATIENCE, Promise.all(probes));
  return reason;
}

interface Host {
  readonly host: string;
  readonly port: number;
}

function partsOf(url: string) {
  const query = url.replace(/^[^?]*\??/, '');
  const options = new Map(
    query.split('&').map((option): [string, string] => {
      const [name = '', value = ''] = option.split('=');
      return [name.toLowerCase(), value];
    }),
  );
  const hosts = hostsOf(url)
    .split(',')
    .map((one): Host => {
      const [host = '', port = DEFAULT_PORT] = one.split(':');
      return { host, port: Number(port) };
    });
  const file = options.get('tlscafile');
  return {
    hosts,
    usesTls: options.get('tls') !== 'false',
    authority: file === undefined ? undefined : readFileSync(decodeURIComponent(file)),
  };
}

async function problemWithTls(at: Host, ca: Buffer | undefined): Promise<string | undefined> {
  const error = await handshake(at, { ca });
  if (!error) return undefined;
  const { code = '' } = error as NodeJS.ErrnoException;
  if (CERTIFICATE_REFUSED.test(code)) {
    const remedy = 'Name the authority that signed it in tlsCAFile, and the node as its certificate does.';
    return `the certificate of ${nameOf(at)} is not accepted: ${error.message} (${code}). ${remedy}`;
  }
  const speaksPlainly = /WRONG_VERSION|PACKET_LENGTH/.test(code) || (await speaksHttp2(at));
  return speaksPlainly
    ? `${nameOf(at)} does not speak TLS: add tls=false to the URL, or give it a certificate`
    : undefined;
}

async function problemWithoutTls(at: Host): Promise<string | undefined> {
  const error = await handshake(at, { rejectUnauthorized: false });
  return error ? undefined : `${nameOf(at)} speaks TLS only: remove tls=false from the URL`;
}

/** Begins to speak TLS. Answers the error with which that fails. */
async function handshake({ host, port }: Host, options: object): Promise<Error | undefined> {
  const servername = isIP(host) ? undefined : host;
  const socket: TLSSocket = connect({ host, port, servername, ALPNProtocols: ['h2'], timeout: PATIENCE, ...options });
  socket.on('timeout', () => socket.destroy(new Error('no answer')));
  try {
    await once(socket, 'secureConnect');
    return undefined;
  } catch (error) {
    return error as Error;
  } finally {
    socket.on('error', () => {});
    socket.destroy();
  }
}

/** Whether the host speaks HTTP/2 without TLS. */
async function speaksHttp2({ host, port }: Host): Promise<boolean> {
  const session = connectHttp2(`http://${host}:${port}`);
  session.setTimeout(PATIENCE, () => session.destroy(new Error('no answer')));
  try {
    await once(session, 'remoteSettings');
    return true;
  } catch {
    return false;
  } finally {
    session.on('error', () => {});
    session.destroy();
  }
}

function nameOf({ host, port }: Host): string {
  return `${host}:${port}`;
}
