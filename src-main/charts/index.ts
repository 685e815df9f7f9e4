export { type Axis, type Plane, plane, type Scale, spanOf, ticksOf } from './axes.ts';
export { barList } from './bar-list.ts';
export { confusionMatrix } from './confusion-matrix.ts';
export { type ForestRow, forestPlot } from './forest-plot.ts';
export { layerMap, type LayerState } from './layer-map.ts';
export {
  drawLineChart,
  type DrawnLineChart,
  type LineChart,
  lineChart,
  type LineSeries,
  type Point,
} from './line-chart.ts';
export { DARK, DASHES, LIGHT, seriesOf } from './palette.ts';
export { drawScatter, type DrawnScatter, type Scatter, type ScatterDot } from './scatter.ts';
export { type Mark, type Paint, type Scene, type Series, SERIES } from './scene.ts';
export { textWidth } from './text-width.ts';
export { escapeMarkup } from './escape-markup.ts';
export { type Colours, markToSvg, onPaper, toSvg, variables } from './to-svg.ts';
