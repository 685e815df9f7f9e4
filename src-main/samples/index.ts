export { findings, type Finding } from './chest-anatomy.ts';
export { writeSampleHospitals, type SampleHospitals, type SampleHospitalsOptions } from './hospitals.ts';
export { drawPretrainingImage, PRETRAINING_CLASSES } from './pretraining/index.ts';
