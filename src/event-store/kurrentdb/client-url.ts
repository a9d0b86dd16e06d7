import { hostsOf } from '../store-url.js';

/**
 * The URL in the form that the client needs. It knows `esdb` only, and of the hosts behind `+discover` it asks none but
 * the first, which may be down. Of several hosts behind plain `esdb` it asks one after the other for the leader. One
 * host behind `+discover` is a name with the addresses of all nodes.
 * @param url a URL that `checkKurrentdbUrl` takes
 */
export function clientUrl(url: string): string {
  const [, discover = '', rest = ''] = /^[a-z]+(\+discover)?:\/\/(.*)$/.exec(url) ?? [];
  return `esdb${hostsOf(url).includes(',') ? '' : discover}://${rest}`;
}
