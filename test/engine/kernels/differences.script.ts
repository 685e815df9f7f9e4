/**
 * Prints how far the compiled engine is from TF.js, group by group, and every case beyond the tolerance:
 *     node test/engine/kernels/differences.script.ts [group] [part of a case's name]
 */
import { kernelCases } from './cases/index.ts';
import { compareWithReference, TOLERANCE } from './compare.ts';

const [onlyGroup = '', onlyName = ''] = process.argv.slice(2);
for (const [group, cases] of Object.entries(kernelCases)) {
  if (!group.includes(onlyGroup)) continue;
  let largest = 0;
  let worst = '';
  const start = performance.now();
  for (const kernelCase of cases) {
    if (!kernelCase.name.includes(onlyName)) continue;
    try {
      const differences = await compareWithReference(kernelCase);
      const sorted = differences.sort((a, b) => b.difference - a.difference);
      if (sorted.length > 0 && !(sorted[0].difference <= largest)) {
        largest = sorted[0].difference;
        worst = `${kernelCase.name}: ${sorted[0].output}, ${sorted[0].variant}`;
      }
      const beyond = sorted.filter(({ difference }) => !(difference <= TOLERANCE));
      for (const { variant, output, difference } of beyond.slice(0, 4))
        console.log(`  ${kernelCase.name}: ${output} (${variant}) ${difference.toExponential(1)}`);
      if (beyond.length > 4) console.log(`    and ${beyond.length - 4} more`);
    } catch (error) {
      const { message, cause } = error as Error;
      console.log(
        `  ${kernelCase.name}: ${message} ${cause instanceof Error ? cause.message : ''}`.slice(0, 600),
      );
    }
  }
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(
    `${group}: ${cases.length} cases, largest ${largest.toExponential(1)} (${worst}), ${seconds} s`,
  );
}
