import { describe, expect, it } from 'vitest';
import type { KernelCase } from './case.ts';
import { expectSameAsReference } from './compare.ts';

/** One test for each case of a table: values and gradients are TF.js's own, however the case is compiled. */
export function describeCases(title: string, cases: readonly KernelCase[]): void {
  describe(`${title}, forward and gradients, are those of TF.js`, () => {
    it.each(cases.map((kernelCase) => [kernelCase.name, kernelCase] as const))(
      '%s',
      async (_, kernelCase) => {
        expect(await expectSameAsReference(kernelCase)).toEqual([]);
      },
    );
  });
}
