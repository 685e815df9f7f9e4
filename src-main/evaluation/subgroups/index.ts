export { areaByGroup } from './area-by-group.ts';
export {
  compareSubgroups,
  type Disparity,
  type SubgroupInput,
  type SubgroupOptions,
  type SubgroupResult,
} from './compare-subgroups.ts';
export { meanOf, sharesByGroup } from './shares-by-group.ts';
