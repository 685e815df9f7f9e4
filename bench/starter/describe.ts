/**
 * Describes what is to be pre-trained, so that a trainer in any framework builds the same: networks layer by layer, classes, families.
 *
 *   node bench/starter/describe.ts FOLDER/network.json
 */
import { writeFileSync } from 'node:fs';
import { modelCards } from '../../src-main/models/index.ts';
import { PRETRAINING_CLASSES, pretrainingFamilies } from '../../src-main/samples/pretraining/index.ts';

const SIZE = 128;
const networks = Object.fromEntries(
  modelCards()
    .filter(({ name }) => name.startsWith('starter'))
    .map((card) => [card.name, card.architecture([SIZE, SIZE, 3], PRETRAINING_CLASSES.length)]),
);
writeFileSync(
  process.argv[2],
  JSON.stringify({
    networks,
    classes: PRETRAINING_CLASSES,
    families: pretrainingFamilies,
    size: SIZE,
    chunk: 256,
  }),
);
