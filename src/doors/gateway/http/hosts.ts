import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { printable } from '../../printable.js';
import { type HttpError, httpError } from './problem.js';

/** Answers the error that refuses a request, undefined for one that may go on. */
export type RequestCheck = (request: FastifyRequest) => HttpError | undefined;

/** Paths of health, which probes ask for under any name. They tell no secret and change nothing. */
const HEALTH = new Set(['/healthz', '/readyz']);

/**
 * Makes the check that keeps a page from calling a gateway that only its reader's machine can reach, under a name that
 * the page's owner points to that machine (DNS rebinding): a host must be a loopback name, an address, or one of these.
 * A request for another is refused with 421: it was sent to the wrong server. 403 would say that the caller lacks a right.
 * @param names `*` for any
 */
export function hostCheck(names: readonly string[]): RequestCheck {
  const isAllowed = nameMatcher(names);
  // Most requests name the same host as the one before.
  let served: string | undefined;

  return ({ headers, routeOptions }) => {
    // The first is that of HTTP/2, whose callers may send both.
    const host = (headers[':authority'] as string | undefined) ?? headers.host ?? '';
    const isAgreed = headers.host === undefined || headers.host === host;
    if ((host === served && isAgreed) || HEALTH.has(routeOptions.url ?? '')) return undefined;
    if (host === '') return httpError(400, 'the request must name its host');
    if (!isAgreed) return httpError(400, 'Host and :authority must agree');
    const name = nameIn(host);
    if (name === undefined || !(isLocal(name) || isAllowed(name))) {
      return httpError(421, `${printable(host)} is not served here; ALLOWED_HOSTS lists the names of this service`);
    }
    served = host;
    return undefined;
  };
}

function nameMatcher(names: readonly string[]): (name: string) => boolean {
  const known = new Set(names.map((name) => name.toLowerCase()));
  return (name) => known.has('*') || known.has(name);
}

/** The host without its port, in lower case; an address of IPv6 in its shortest form. Undefined when malformed. */
function nameIn(host: string): string | undefined {
  const [, name] = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{0,5})?$/i.exec(host) ?? [];
  if (name === undefined) return undefined;
  if (!name.startsWith('[')) return name.toLowerCase();
  return URL.canParse(`http://${name}`) ? new URL(`http://${name}`).hostname : undefined;
}

/** Addresses that mean this machine, and that browsers let any page reach. */
const UNSPECIFIED = /^(?:0\.\d+\.\d+\.\d+|\[::\]|\[::ffff:0:[0-9a-f]+\])$/;

/** Whether no DNS server can decide what a name means: loopback names and addresses. */
function isLocal(name: string): boolean {
  if (/^(?:.*\.)?localhost\.?$/.test(name)) return true;
  const address = name.startsWith('[') ? name.slice(1, -1) : name;
  return isIP(address) !== 0 && !UNSPECIFIED.test(name);
}
