import { expect, test } from 'vitest';
import { prometheusText } from '../src/metrics.js';

test('metrics are gauges in the text format of Prometheus', () => {
  const text = prometheusText([
    { name: 'up', help: 'Whether it is up.', samples: [{ value: 1 }] },
    { name: 'lag_seconds', help: 'How late.', samples: [{ labels: { feed: 'redis', of: 'a' }, value: 0.25 }] },
    { name: 'nothing', help: 'Of nothing.', samples: [] },
  ]);
  expect(text.split('\n')).toEqual([
    '# HELP up Whether it is up.',
    '# TYPE up gauge',
    'up 1',
    '# HELP lag_seconds How late.',
    '# TYPE lag_seconds gauge',
    'lag_seconds{feed="redis",of="a"} 0.25',
    '# HELP nothing Of nothing.',
    '# TYPE nothing gauge',
    '',
  ]);
});

test('what a label cannot have as it is, is escaped', () => {
  const samples = [{ labels: { feed: 'a "b" \\ c\nd' }, value: 1 }];
  expect(prometheusText([{ name: 'x', help: 'X.', samples }])).toContain('x{feed="a \\"b\\" \\\\ c\\nd"} 1\n');
});
