export {
  compareSubgroups,
  type Disparity,
  type SubgroupInput,
  type SubgroupOptions,
  type SubgroupResult,
} from './compare-subgroups.ts';
