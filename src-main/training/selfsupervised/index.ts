/** Learning from images without labels: continues from a model, and leaves another. */
export {
  continueUnlabelled,
  type SelfSupervisionContext,
  type SelfSupervisionResult,
  type SelfSupervisionTask,
} from './continue-unlabelled.ts';
export { methodNamed } from './methods.ts';
