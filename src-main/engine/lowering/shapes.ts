import type { GraphNode } from '../graph/node.ts';
import type { Emitter, Form } from './emitter.ts';

/** The view of an image under which its rows and columns are axes 2 and 3 whatever its form. */
function rowsAndColumns(e: Emitter, form: Form, [n, h, w, c]: readonly number[]): number[] {
  return form === 'blocked' ? [n, c / e.target.block, h, w, e.target.block] : [n, c, h, w];
}

const toNchw = ([n, h, w, c]: readonly number[]): number[] => [n, c, h, w];

/** Joins along channels stay in the form of the parts when all parts have it. */
export function lowerConcat(e: Emitter, node: GraphNode): void {
  const axis = node.attributes.axis as number;
  const image = node.shape.length === 4 && node.dtype === 'float32';
  const forms = new Set(node.inputs.map((input) => e.native(input)));
  const blocked =
    image &&
    (axis === 3 || axis === 0) &&
    forms.has('blocked') &&
    node.inputs.every((input) => e.blockable(input));
  const form: Form = blocked
    ? 'blocked'
    : image && (forms.has('nchw') || forms.has('blocked'))
      ? 'nchw'
      : 'plain';
  const onnxAxis = form === 'plain' ? axis : [0, 2, 3, 1][axis];
  e.define(
    node,
    form,
    e.emit(
      'Concat',
      node.inputs.map((input) => e.value(input, form)),
      { axis: onnxAxis },
    ),
  );
}

export function lowerSlice(e: Emitter, node: GraphNode): void {
  const [x] = node.inputs;
  const begin = node.attributes.begin as readonly number[];
  const end = node.attributes.end as readonly number[];
  const strides = node.attributes.strides as readonly number[];
  const form = sliceForm(e, node, begin, end, strides);
  if (form === 'plain') {
    const axes = begin.map((_, axis) => axis).filter((axis) => !isWhole(x, begin, end, strides, axis));
    const at = (bounds: readonly number[]): number[] => axes.map((axis) => bounds[axis]);
    e.define(node, 'plain', e.slice(e.value(x), at(begin), at(end), at(strides), axes));
    return;
  }
  const order = [0, 3, 1, 2];
  const scale = (bounds: readonly number[]): number[] => {
    const moved = order.map((axis) => bounds[axis]);
    return form === 'blocked' ? [moved[0], moved[1] / e.target.block, moved[2], moved[3]] : moved;
  };
  const view =
    form === 'blocked' ? e.reshape(e.value(x, form), rowsAndColumns(e, form, x.shape)) : e.value(x, form);
  const steps = order.map((axis) => strides[axis]);
  // Only the axes that are cut: ONNX Runtime copies whole runs of the others.
  const cut = order.map((axis, i) => (isWhole(x, begin, end, strides, axis) ? -1 : i)).filter((i) => i >= 0);
  const pickCut = (bounds: readonly number[]): number[] => cut.map((i) => bounds[i]);
  const part = e.slice(view, pickCut(scale(begin)), pickCut(scale(end)), pickCut(steps), cut);
  e.define(node, form, form === 'blocked' ? e.reshape(part, toNchw(node.shape)) : part);
}

/** Whether an axis is taken as it is: such axes are not named, so that whole runs are copied and a batch stays free. */
function isWhole(
  x: GraphNode,
  begin: readonly number[],
  end: readonly number[],
  strides: readonly number[],
  axis: number,
): boolean {
  return begin[axis] === 0 && end[axis] >= x.shape[axis] && strides[axis] === 1;
}

function sliceForm(
  e: Emitter,
  node: GraphNode,
  begin: readonly number[],
  end: readonly number[],
  strides: readonly number[],
): Form {
  const [x] = node.inputs;
  const native = e.native(x);
  if (native === 'plain' || strides.some((stride) => stride < 1)) return 'plain';
  if (native === 'nchw') return 'nchw';
  const whole = [begin[3], Math.min(end[3], x.shape[3])].every((bound) => bound % e.target.block === 0);
  return whole && strides[3] === 1 ? 'blocked' : 'nchw';
}

export function lowerPad(e: Emitter, node: GraphNode): void {
  const [x] = node.inputs;
  const before = node.attributes.before as readonly number[];
  const after = node.attributes.after as readonly number[];
  const fill = e.scalar(node.attributes.value as number, node.dtype);
  const native = e.native(x);
  const channels = x.shape.length === 4 && (before[3] > 0 || after[3] > 0);
  const form: Form = native === 'blocked' && channels ? 'nchw' : native;
  if (form === 'plain') {
    e.define(node, 'plain', e.pad(e.value(x), before, after, fill));
    return;
  }
  const turn = (extents: readonly number[]): number[] => {
    const turned = [extents[0], extents[3], extents[1], extents[2]];
    return form === 'blocked' ? [...turned, 0] : turned;
  };
  const view =
    form === 'blocked' ? e.reshape(e.value(x, form), rowsAndColumns(e, form, x.shape)) : e.value(x, form);
  const padded = e.pad(view, turn(before), turn(after), fill);
  e.define(node, form, form === 'blocked' ? e.reshape(padded, toNchw(node.shape)) : padded);
}
