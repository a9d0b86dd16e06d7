import type { Reporter, SerializedError, Vitest } from 'vitest/node';

/**
 * Makes an error of the run of what fails outside of tests: a module that does not load, a `beforeAll` that throws.
 * Stryker looks at tests and at errors of the run only, and would report that nobody noticed the mutant.
 */
export function failedSuites(): Reporter {
  let vitest: Vitest | undefined;
  const tell = (errors: readonly SerializedError[]) => {
    for (const error of errors) vitest?.state.catchError(error, 'Unhandled Error');
  };
  return {
    onInit: (begun) => {
      vitest = begun;
    },
    onTestModuleEnd: (module) => tell(module.errors()),
    onTestSuiteResult: (suite) => tell(suite.errors()),
  };
}
