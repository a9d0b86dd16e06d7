import { Webhook } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import { newSecret, signatureHeaders } from '../../../src/feeds/webhooks/signature.js';

const BODY = '{"id":"é 😀"}';

describe('a signature', () => {
  test('is the one that the specification shows', () => {
    const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
    const headers = signatureHeaders('msg_p5jXN8AQM9LWM0D4loKWxJek', 1_614_265_330_999, '{"test": 2432232314}', [
      secret,
    ]);
    expect(headers).toEqual({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  test('is verified by each secret that it was made with, and by no other', () => {
    const [first, second, third] = [newSecret(), newSecret(), newSecret()];
    const headers = signatureHeaders('an-event', Date.now(), BODY, [first, second]);
    const isVerified = (secret: string, body: string) => {
      try {
        return new Webhook(secret).verify(body, headers) !== undefined;
      } catch {
        return false;
      }
    };
    expect([first, second, third].map((secret) => isVerified(secret, BODY))).toEqual([true, true, false]);
    expect(isVerified(first, BODY.replace('é', 'e'))).toBe(false);
  });
});

test('a secret has 32 random bytes', () => {
  const secrets = Array.from({ length: 10 }, newSecret);
  for (const secret of secrets) expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  expect(new Set(secrets).size).toBe(10);
});
