/**
 * Makes a model of Graft's of what train.py wrote, in half precision, and says how well it tells apart images that were never trained on.
 *
 *   node bench/starter/convert.ts weights.safetensors [--out resources/models/starter] [--seconds N] [--device NAME] [--note TEXT]
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openExecutor } from '../../src-main/engine/index.ts';
import {
  countParameters,
  loadModel,
  modelCard,
  initialiseParameters,
  type Model,
  saveModel,
} from '../../src-main/models/index.ts';
import { assignTensors, readSafetensors } from '../../src-main/models/safetensors.ts';
import { drawPretrainingImage, PRETRAINING_CLASSES } from '../../src-main/samples/pretraining/index.ts';
import { predict } from '../../src-main/training/index.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    out: {
      type: 'string',
      default: fileURLToPath(new URL('../../resources/models/starter', import.meta.url)),
    },
    count: { type: 'string', default: '2000' },
    about: { type: 'string', default: '{}' },
  },
});
const SIZE = 128;
const VALIDATION_SEED = 4202;

const { architecture, channels, preprocessing } = modelCard('starter');
const network = architecture([SIZE, SIZE, channels], PRETRAINING_CLASSES.length);
const parameters = initialiseParameters(network, 1);
assignTensors(parameters, readSafetensors(positionals[0]).tensors);
const model: Model = {
  network,
  parameters,
  classes: PRETRAINING_CLASSES,
  preprocessing,
  imageChannels: 1,
  metadata: {},
};
saveModel(values.out, model, { dtype: 'F16' });
const count = Number(values.count);
const drawn = Array.from({ length: count }, (_, i) => drawPretrainingImage(VALIDATION_SEED, i, SIZE));
const executor = await openExecutor();
const probabilities = await predict(
  loadModel(values.out),
  drawn.map(({ label }, i) => ({
    cacheIndex: i,
    label,
    patientKey: String(i),
    instanceId: i,
    frameIndex: 0,
  })),
  {
    height: SIZE,
    width: SIZE,
    channels: 1,
    checksum: 'drawn',
    read: (index, into, offset) => into.set(drawn[index].pixels, offset),
  },
  executor,
);
await executor.dispose();
const classes = PRETRAINING_CLASSES.length;
const hits = drawn.filter(({ label }, i) => {
  const row = probabilities.subarray(i * classes, (i + 1) * classes);
  return row.indexOf(Math.max(...row)) === label;
});
saveModel(
  values.out,
  {
    ...model,
    metadata: {
      title: 'Starter, pre-trained on drawn images',
      sourceTask: `telling apart ${classes} classes of drawn images, and where in phantoms findings are`,
      licence: 'Apache-2.0',
      validationAccuracy: hits.length / count,
      validationImages: count,
      ...(JSON.parse(values.about) as Record<string, unknown>),
    },
  },
  { dtype: 'F16' },
);
console.log(
  `${countParameters(network)} parameters, ${statSync(join(values.out, 'weights.safetensors')).size} bytes; ${(100 * hits.length) / count} % of ${count} images that were not trained on are told right, of ${classes} classes`,
);
