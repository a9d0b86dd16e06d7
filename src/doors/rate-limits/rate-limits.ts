import { createHash } from 'node:crypto';
import { MethodOptions_IdempotencyLevel } from '@bufbuild/protobuf/wkt';
import type { IncomingCall } from '../../handlers/call.js';
import { createQuota, type Quota, WINDOW } from './quota.js';
import type { SharedQuotas } from './shared-quotas.js';
import { createStreamLimit, type OpenStream } from './stream-limit.js';
import { usedUp } from './used-up.js';

/** The settings that say how much a caller may ask for; undefined: as much as it likes. All but streams in a minute. */
export interface RateLimitSettings {
  readonly RATE_LIMIT_READS?: number | undefined;
  readonly RATE_LIMIT_WRITES?: number | undefined;
  readonly RATE_LIMIT_ADDRESS_READS?: number | undefined;
  readonly RATE_LIMIT_ADDRESS_WRITES?: number | undefined;
  readonly RATE_LIMIT_FAILED_AUTH: number;
  readonly RATE_LIMIT_STREAMS: number;
}

/** Counts one more. Throws or rejects RATE_LIMITED when it is one too many. At once, when this process counts. */
type Count<Counted extends unknown[]> = (...counted: Counted) => undefined | Promise<unknown>;

/** Limits what one caller can ask for. */
export interface RateLimits {
  /**
   * Counts a call for its caller, and for its address with all callers there. Undefined: calls are not limited.
   * @param subject the verified name of the caller; empty when there is none: then the address is the caller
   */
  readonly countCall: Count<[call: Pick<IncomingCall, 'method' | 'caller'>, subject: string]> | undefined;
  /** Counts a call that failed to say who makes it, for its address. Successful ones are not looked at. */
  readonly countFailure: Count<[address: string]>;
  readonly openStream: OpenStream;
}

/** How many times as much an address may ask for as a caller, unless a setting says: many callers may share one. */
const CALLERS_OF_ADDRESS = 10;

/**
 * @param shared counts for all processes; undefined: this one counts by itself
 * @param now the time in milliseconds
 */
export function createRateLimits(settings: RateLimitSettings, shared?: SharedQuotas, now?: () => number): RateLimits {
  function limitTo(points: number, name: string, counted: string): Count<[key: string]> {
    const own = createQuota(points, now);
    const quota: Quota = shared?.quota(name, points, own) ?? own;
    const policy = { name, points, window: WINDOW / 1_000, rule: `at most ${points} ${counted}` };
    const check = (wait: number): undefined => {
      if (wait > 0) throw usedUp(policy, wait);
    };
    return (key) => {
      const wait = quota(key);
      return typeof wait === 'number' ? check(wait) : wait.then(check);
    };
  }

  function limitCalls(kind: 'reads' | 'writes', ofCaller?: number, ofAddress = scaled(ofCaller)) {
    return {
      ofCaller: ofCaller && limitTo(ofCaller, kind, `${kind} a minute for a caller`),
      ofAddress: ofAddress && limitTo(ofAddress, `${kind}-of-address`, `${kind} a minute from an address`),
    };
  }

  const reads = limitCalls('reads', settings.RATE_LIMIT_READS, settings.RATE_LIMIT_ADDRESS_READS);
  const writes = limitCalls('writes', settings.RATE_LIMIT_WRITES, settings.RATE_LIMIT_ADDRESS_WRITES);
  const isLimited = [reads, writes].some(({ ofCaller, ofAddress }) => ofCaller ?? ofAddress);
  const failures = settings.RATE_LIMIT_FAILED_AUTH;

  return {
    countCall: isLimited
      ? ({ method, caller: address }, subject) => {
          const { ofCaller, ofAddress } = isRead(method) ? reads : writes;
          const countAddress = () => (ofAddress ? ofAddress(address) : undefined);
          const counted = ofCaller ? ofCaller(subject ? keyOf(subject) : address) : undefined;
          // One after the other: what is refused to one caller would use up what the others at its address may ask for.
          return counted ? counted.then(countAddress) : countAddress();
        }
      : undefined,
    countFailure: limitTo(failures, 'failed-authentications', 'failed authentications a minute from an address'),
    openStream: createStreamLimit(settings.RATE_LIMIT_STREAMS),
  };
}

function scaled(ofCaller: number | undefined): number | undefined {
  return ofCaller && ofCaller * CALLERS_OF_ADDRESS;
}

function isRead({ idempotency }: IncomingCall['method']): boolean {
  return idempotency === MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS;
}

/** The longest name that is kept as it is: names of any length would take any amount of memory. */
const MAX_NAME = 128;

function keyOf(subject: string): string {
  return subject.length <= MAX_NAME ? subject : createHash('sha256').update(subject).digest('base64url');
}
