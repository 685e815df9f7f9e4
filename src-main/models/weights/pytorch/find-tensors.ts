import { isTensor, type TorchTensor } from './tensors.ts';
import { PickledObject } from './unpickle.ts';

/** Names that training scripts give to the weights among other things that they save. */
const WEIGHTS = [
  'state_dict',
  'model_state_dict',
  'model_state',
  'model',
  'net',
  'network',
  'weights',
  'teacher',
];
const MOST_TENSORS = 100_000;
const DEEPEST = 64;

/**
 * All tensors of what a pickle holds, by their names with dots: of a state dict, of a checkpoint with one in it, or of
 * a whole saved module, whose parameters and buffers lie in its `__dict__`. What optimisers keep is passed over.
 */
export function findTensors(root: unknown): Map<string, TorchTensor> {
  const found = new Map<string, TorchTensor>();
  collect(weightsIn(root), '', 0, found, new Set());
  return found;
}

/** The part of a checkpoint that is its weights: itself where it holds tensors, else what is called so. */
function weightsIn(root: unknown): unknown {
  if (!(root instanceof Map) || [...root.values()].some(isTensor)) return root;
  for (const name of WEIGHTS) {
    const inside: unknown = root.get(name);
    if (inside instanceof Map) return weightsIn(inside);
    if (inside instanceof PickledObject) return inside;
  }
  return root;
}

function collect(
  value: unknown,
  path: string,
  depth: number,
  found: Map<string, TorchTensor>,
  open: Set<unknown>,
): void {
  if (found.size >= MOST_TENSORS || depth > DEEPEST) return;
  if (isTensor(value)) {
    if (path !== '') found.set(path, value);
    return;
  }
  // An object that holds itself would never end; one that is held twice may be named twice.
  if (!(value instanceof Map || value instanceof PickledObject) || open.has(value)) return;
  open.add(value);
  const below = (name: unknown): string => (path === '' ? String(name) : `${path}.${String(name)}`);
  for (const [name, inside] of membersOf(value)) {
    if (/optim|scheduler/i.test(String(name))) continue;
    collect(inside, below(name), depth + 1, found, open);
  }
  open.delete(value);
}

/** What is named inside of a dict or of a module. */
function membersOf(value: Map<unknown, unknown> | PickledObject): Iterable<[unknown, unknown]> {
  if (value instanceof Map) return value;
  if (!(value.state instanceof Map)) return value.items;
  const state = value.state as Map<unknown, unknown>;
  const parts = ['_parameters', '_buffers', '_modules'].map((name) => state.get(name));
  if (!parts.some((part) => part instanceof Map)) return state;
  return parts.flatMap((part) => (part instanceof Map ? [...(part as Map<unknown, unknown>)] : []));
}
