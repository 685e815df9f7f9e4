export { analyse, type Analysed, type AnalysisInput, defaultSettings, type JudgedImages } from './analyse.ts';
export { chosenPoint } from './fit.ts';
export type { Grouping } from './subgroups.ts';
