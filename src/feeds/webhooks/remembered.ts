import type pg from 'pg';
import type { WebhookCommand, WebhookRefusal } from '../../application/webhooks.js';

/** Days for which the answer to a `request_id` is kept. */
const KEPT_DAYS = 30;

/** What a command did. */
export interface Done<Answer> {
  readonly answer: Answer;
  /** The webhook, with which the answer is forgotten; undefined: there is none any more. */
  readonly webhookId: string | undefined;
}

/**
 * Carries a command out unless it was before, and returns its answer: the same to the same `requestId`. A refusal is not
 * remembered: the command is decided again.
 * @param client in a transaction, which the caller ends; rolls it back for a refusal
 */
export async function once<Answer>(
  client: pg.ClientBase,
  { subject, requestId, fingerprint }: WebhookCommand,
  now: number,
  carryOut: () => Promise<Done<Answer> | WebhookRefusal>,
): Promise<Answer | WebhookRefusal> {
  if (requestId !== '' && !(await isNew())) return remembered();
  const done = await carryOut();
  if ('refused' in done) return done;
  if (requestId !== '') await remember(done);
  return done.answer;

  /** Waits for a command with the same id that is under way. */
  async function isNew(): Promise<boolean> {
    const { rowCount } = await client.query(
      `insert into feeds.webhook_requests (subject, request_id, fingerprint, at) values ($1, $2, $3, $4)
       on conflict (subject, request_id) do nothing`,
      [subject, requestId, fingerprint, new Date(now)],
    );
    return rowCount === 1;
  }

  async function remembered(): Promise<Answer | WebhookRefusal> {
    const { rows } = await client.query<{ fingerprint: string; answer: Answer }>(
      'select fingerprint, answer from feeds.webhook_requests where subject = $1 and request_id = $2',
      [subject, requestId],
    );
    const [row] = rows;
    return row?.fingerprint === fingerprint ? row.answer : { refused: 'request-id-reused' };
  }

  async function remember({ answer, webhookId }: Done<Answer>): Promise<void> {
    await client.query(
      'update feeds.webhook_requests set answer = $3, webhook_id = $4 where subject = $1 and request_id = $2',
      [subject, requestId, JSON.stringify(answer), webhookId ?? null],
    );
    await client.query('delete from feeds.webhook_requests where at < $1', [new Date(now - KEPT_DAYS * 86_400_000)]);
  }
}
