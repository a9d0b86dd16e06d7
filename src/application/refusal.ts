/** Says, in place of a result, why a command was not carried out. */
export interface Refused {
  readonly refused: string;
}

/** Whether a result of any type is a refusal. */
export function isRefusal<Refusal extends Refused>(result: unknown): result is Refusal {
  return typeof result === 'object' && result !== null && 'refused' in result;
}
