import { timeText } from '../json/times.js';
import type { MadeChange } from './make-changes.js';

/** The lines that tell what became, or would become, of sessions: one for each, under one for each series. */
export function linesOf(made: readonly MadeChange[]): string[] {
  const ids = new Set(made.map(({ change }) => change.session.seriesId));
  return [...ids].flatMap((seriesId) => {
    const ofSeries = made.filter(({ change }) => change.session.seriesId === seriesId);
    const { coachHashId, clientHashId } = ofSeries[0]!.change.session;
    return [`coach ${coachHashId}, client ${clientHashId}, series ${seriesId}:`, ...ofSeries.map(lineOf)];
  });
}

function lineOf({ change, stays }: MadeChange): string {
  const { session, timeZone, newStart } = change;
  const place = `  ${session.occurrence}: ${session.localStart} ${timeZone}, ${timeText(session.start)}`;
  const move = newStart === undefined ? place : `${place} -> ${timeText(newStart)}`;
  return stays === undefined ? move : `${move}, stays: ${stays}`;
}
