import type { Call } from './check-answer.js';
import type { Truth } from './truth.js';

/** A run for people: what was written, in order, and what was asked and answered between. */
export function story(calls: readonly Call[], truth: Truth): string {
  const told = calls.map((call, nr) => {
    const { command, validateOnly, metadata } = call.submission;
    const kind = call.told?.kind ?? 'no answer';
    const why = call.told && 'rejection' in call.told ? JSON.stringify(call.told.rejection) : '';
    const error = call.told && 'error' in call.told ? String(call.told.error) : '';
    const asked = `${validateOnly ? 'validate only: ' : ''}${JSON.stringify(command)} ${metadata.requestId} ${metadata.subject}`;
    return `${nr} [${call.begin}, ${call.end}] ${asked}\n    ${kind} ${why}${error}`;
  });
  const written = [...truth.streams].flatMap(([stream, events]) => [
    `${stream}:`,
    ...events.map(({ type, data, metadata }, revision) => {
      const name = type.slice(type.lastIndexOf('.') + 1);
      return `  ${revision} of call ${metadata['correlationId']}: ${name} ${JSON.stringify(data)}`;
    }),
  ]);
  return [...told, ...written].join('\n');
}
