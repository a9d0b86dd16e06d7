import { type DescMethod, getOption } from '@bufbuild/protobuf';
import type { onRequestHookHandler } from 'fastify';
import { access } from '../../../gen/aceup/scheduler/v1/access_pb.js';

/**
 * On every answer where the address may have the key of a link, also on a refusal: caches on the way keep nothing, a page
 * that shows the answer does not tell others where it is from, and search engines leave it out.
 */
const HEADERS = { 'cache-control': 'private, no-cache', 'referrer-policy': 'no-referrer', 'x-robots-tag': 'noindex' };

const keepSecret: onRequestHookHandler = (_request, reply, done) => {
  reply.headers(HEADERS);
  done();
};

/** What the routes of a method have besides, when its address may be a secret. */
export function forSecretAddress(method: DescMethod): { readonly onRequest?: onRequestHookHandler } {
  return getOption(method, access).byLink ? { onRequest: keepSecret } : {};
}
