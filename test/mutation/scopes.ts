/** A part of the code, and the tests that must notice each mutant of it. */
export interface Scope {
  readonly name: string;
  readonly sources: readonly string[];
  readonly tests: readonly string[];
  /** Whether the tests need the Postgres that test/support/global-setup.ts starts. */
  readonly postgres: boolean;
  /** The least score, in percent. */
  readonly least: number;
  /** Whether each survivor needs a reason. */
  readonly explained: boolean;
}

const SCOPES: readonly Scope[] = [
  {
    name: 'domain',
    sources: ['src/domain/**/*.ts'],
    tests: ['test/domain/**/*.test.ts'],
    postgres: false,
    least: 90,
    explained: true,
  },
  {
    name: 'application',
    sources: ['src/application/**/*.ts'],
    tests: ['test/application/**/*.test.ts', 'test/model/memory.test.ts'],
    postgres: true,
    least: 80,
    explained: false,
  },
  {
    name: 'stores',
    sources: ['src/event-store/**/*.ts'],
    tests: ['test/contract/**/*.test.ts', 'test/event-store/**/*.test.ts'],
    postgres: true,
    least: 80,
    explained: false,
  },
];

/** The scope of this name. Throws, with the names that there are, when there is none. */
export function scopeNamed(name: string | undefined): Scope {
  const found = SCOPES.find((scope) => scope.name === name);
  if (!found) throw new Error(`a scope is one of ${SCOPES.map((scope) => scope.name).join(', ')}; got ${name}`);
  return found;
}
