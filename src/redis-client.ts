import { createClient } from '@redis/client';

/** A client of Redis that connects once: what is lost is not sent a second time, and what is not connected fails. */
export function createRedisClient(url: string, connectTimeout: number) {
  return createClient({
    url,
    RESP: 2,
    disableOfflineQueue: true,
    disableClientInfo: true,
    maintNotifications: 'disabled',
    socket: { connectTimeout, reconnectStrategy: false },
  });
}
