import { clone, create, type DescMessage, type MessageInitShape, type MessageShape } from '@bufbuild/protobuf';

/** A message as it is sent, at every attempt. */
export interface Request<Desc extends DescMessage> {
  readonly message: MessageShape<Desc>;
  /** Undefined for a query. */
  readonly requestId: string | undefined;
}

/** The request of one call: a command that has no `request_id` gets a new one. Leaves the caller's message alone. */
export function withRequestId<Desc extends DescMessage>(desc: Desc, init: MessageInitShape<Desc>): Request<Desc> {
  const message = create(desc, init);
  if (!desc.field['requestId']) return { message, requestId: undefined };
  const command = clone(desc, message) as MessageShape<Desc> & { requestId: string };
  command.requestId ||= newRequestId();
  return { message: command, requestId: command.requestId };
}

/** 128 random bits in hexadecimal. Browsers have `crypto.randomUUID` on pages served over HTTPS only. */
function newRequestId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
