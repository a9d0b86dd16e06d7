import { create } from '@bufbuild/protobuf';
import type { RequestIndex } from '../../src/application/coach/requests.js';
import type { Submission } from '../../src/application/submission.js';
import type { CoachCommand } from '../../src/domain/coach/commands.js';
import { EventMetadataSchema } from '../../src/gen/aceup/scheduler/v1/events_pb.js';
import { Cancellation } from '../../src/waiting.js';

/** The parts of a submission that a test may set, besides its command. */
export interface SubmissionOptions {
  readonly requestId?: string;
  /** The verified subject of the caller; by default callers are not authenticated. */
  readonly subject?: string;
  /** Stands for the command's content under its `requestId`; by default every command has the same. */
  readonly content?: string;
  readonly validateOnly?: boolean;
  readonly cancellation?: Cancellation;
}

/** A command on its way to its coach. */
export function submissionOf<Command extends CoachCommand>(
  command: Command,
  options: SubmissionOptions = {},
): Submission<Command> {
  const {
    requestId = '',
    subject = '',
    content = 'this',
    validateOnly = false,
    cancellation = new Cancellation(),
  } = options;
  const metadata = create(EventMetadataSchema, { requestId, subject, requestFingerprint: requestId && content });
  return { command, metadata, validateOnly, cancellation };
}

/** An index that knows of no request. */
export const emptyIndex: RequestIndex = { find: async () => new Map() };
