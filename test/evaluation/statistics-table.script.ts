/** Prints the table of docs/statistics.md: node test/evaluation/statistics-table.script.ts */
import { largestDifference } from './comparisons/comparison.ts';
import { comparisons } from './comparisons/index.ts';

for (const [folder, list] of Object.entries(comparisons)) {
  console.log(`\n### ${folder}\n\n| Function | Reference | Values | Largest difference |\n|---|---|---|---|`);
  for (const comparison of list) {
    const largest = largestDifference(comparison);
    const shown = largest === 0 ? '0' : largest.toExponential(0);
    console.log(
      `| \`${comparison.name}\` | ${comparison.reference} | ${comparison.pairs().length} | ${shown} |`,
    );
  }
}
