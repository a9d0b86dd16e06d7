import { expect, test } from 'vitest';
import { ownGateway } from './support.js';

const lag = { name: 'lag_seconds', help: 'How late.', samples: [{ labels: { feed: 'redis' }, value: 0.25 }] };

test('/metrics says whether the service is ready, and what is measured', async () => {
  const gateway = await ownGateway({ metrics: async () => [lag] });
  const answer = await fetch(`${gateway.url}/metrics`);
  expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  const text = await answer.text();
  expect(text).toContain('\nscheduler_ready 1\n');
  expect(text).toContain('\nlag_seconds{feed="redis"} 0.25\n');
});

test.each([
  ['cannot be had', () => Promise.reject(new Error('the database is away'))],
  ['hang', () => new Promise<never>(() => {})],
])('while metrics %s, /metrics answers what is known', async (_, metrics) => {
  const gateway = await ownGateway({ metrics, readiness: async () => ['the event store is unavailable'] });
  const answer = await fetch(`${gateway.url}/metrics`);
  expect(answer.status).toBe(200);
  expect(await answer.text()).toContain('\nscheduler_ready 0\n');
});

test('/metrics is for those who may see the details of /readyz', async () => {
  const gateway = await ownGateway({ maySeeDetails: async () => false, metrics: async () => [lag] });
  const answer = await fetch(`${gateway.url}/metrics`);
  expect(answer.status).toBe(403);
  expect(await answer.text()).not.toContain('lag_seconds');
});
