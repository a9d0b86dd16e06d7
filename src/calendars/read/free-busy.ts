import type { Interval } from '../../domain/slot.js';
import type { Component } from './components.js';
import { intervalOf, timingOfPeriod } from './event.js';
import { parameterOf, periodsIn } from './values.js';
import type { Clocks } from './zones.js';

/** The times that a VFREEBUSY says are taken. What kind of busy time it is does not matter, as RFC 5545 has it. */
export function* timesBusy({ lines }: Component, clocks: Clocks): Generator<Interval> {
  for (const line of lines.get('FREEBUSY') ?? []) {
    if (/^FREE$/i.test(parameterOf(line, 'fbtype') ?? '')) continue;
    for (const period of periodsIn(line)) {
      const interval = 'start' in period ? intervalOf(timingOfPeriod(period, clocks)) : undefined;
      if (interval) yield interval;
    }
  }
}
