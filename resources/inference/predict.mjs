// node predict.mjs IMAGE.dcm [MORE.dcm …]   (once: npm install)
import { readFileSync } from 'node:fs';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { prepareImage } from './graft-preprocess.mjs';

const read = (name) => JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8'));
const [preprocessing, { classes }] = [read('preprocessing.json'), read('labels.json')];
const session = await InferenceSession.create(readFileSync(new URL('model.onnx', import.meta.url)));
const { height, width, channels } = preprocessing;
for (const path of process.argv.slice(2)) {
  const image = new Tensor('float32', prepareImage(readFileSync(path), preprocessing), [1, height, width, channels]);
  const { probabilities } = await session.run({ image });
  console.log(JSON.stringify(Object.fromEntries(classes.map((name, at) => [name, probabilities.data[at]]))));
}
