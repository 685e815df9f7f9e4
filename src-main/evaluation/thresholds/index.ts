export { decisionCurve, type DecisionPoint } from './decision-curve.ts';
export {
  cheapestPoint,
  type Costs,
  expectedCost,
  type OperatingPoint,
  operatingPoints,
  pointAtSensitivity,
  pointAtSpecificity,
  predictiveValues,
  youdenPoint,
} from './operating-points.ts';
