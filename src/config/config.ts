import type { z } from 'zod';
import { Correctable } from '../correctable.js';
import { isContent } from './kinds.js';
import { RULES } from './rules.js';
import { variables } from './variables.js';

/** The service's settings, checked. */
export type Config = z.output<typeof variables>;

/** The environment has mistakes: one sentence for each, which names the variable and the rule. */
export class ConfigError extends Correctable {
  override readonly name = 'ConfigError';
  constructor(readonly mistakes: readonly string[]) {
    super(mistakes.join('\n'));
  }
}

/**
 * Reads the settings from the environment. Throws `ConfigError` with every malformed variable at once, or, when none is,
 * for the first of the `RULES` that the settings break together.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const { data: config, error } = variables.safeParse(given);
  if (error) throw new ConfigError(error.issues.map((issue) => malformed(issue, given)));
  for (const rule of RULES) {
    const mistakes = rule(config);
    if (mistakes.length > 0) throw new ConfigError(mistakes);
  }
  return config;
}

/** The sentence for a variable whose value breaks a rule. */
function malformed({ path, message }: z.core.$ZodIssue, given: Readonly<Record<string, string | undefined>>): string {
  const name = path.join('.');
  return `${name} ${message}${gotten(name, given[name] ?? '')}`;
}

/** What was found, for the end of a sentence. A value that may hold a secret stays out of it. */
function gotten(name: string, value: string): string {
  return !/_(?:URL|PASSWORD)$/.test(name) && !isContent(value) && /^[\w.,*+ -]{1,40}$/.test(value)
    ? `; got ${value}`
    : '';
}
