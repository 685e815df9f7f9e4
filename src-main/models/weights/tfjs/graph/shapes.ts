import { multiplyExtents } from './fold.ts';
import type { GraphNode } from './nodes.ts';
import { besideImage, type GraphTranslation, layerName, type Translate } from './translation.ts';
import { type Extent, layerValue, sizeOfShape, type Value } from './values.ts';

export const shapeOf: Translate = (node, graph) => {
  const value = graph.value(node, 0);
  if (value.kind === 'constant')
    return { kind: 'constant', shape: [value.shape.length], data: Float32Array.from(value.shape) };
  const own = graph.builder.shape(graph.layer(node)).map((size) => ({ size, batch: false }));
  return { kind: 'extents', extents: [{ size: 1, batch: true }, ...own], scalar: false };
};

export const pack: Translate = (node, graph) => {
  const values = node.inputs.map((_, at) => graph.value(node, at));
  if (
    node.attributes.whole('axis', 0) !== 0 ||
    values.some(({ kind }) => kind === 'layer' || kind === 'phases')
  )
    throw graph.wrong(node, 'images');
  const extents = values.flatMap((_, at) => [...graph.extents(node, at).extents]);
  return { kind: 'extents', extents, scalar: false };
};

export const product: Translate = (node, graph) => {
  const { extents } = graph.extents(node, 0);
  const all = multiplyExtents(extents);
  if (!all) throw graph.wrong(node, 'the number of images twice');
  return { kind: 'extents', extents: [all], scalar: !node.attributes.flag('keep_dims') };
};

export const gather: Translate = (node, graph) => {
  const indices = graph.constant(node, 1);
  const value = graph.value(node, 0);
  if (value.kind === 'layer') {
    const { length: rank } = graph.builder.shape(value.layer);
    const axis = graph.axis(node, node.inputs.length > 2 ? graph.wholes(node, 2)[0] : 0, rank);
    const extent = graph.builder.shape(value.layer)[axis - 1];
    const chosen = graph.wholes(node, 1);
    if (indices.shape.length !== 1 || chosen.some((at) => at < 0 || at >= extent))
      throw graph.wrong(node, 'other indices');
    const config = { axis, indices: chosen };
    return layerValue(
      graph.builder.add(layerName(node.name), { kind: 'gather', config }, [graph.layer(node)]),
    );
  }
  const { extents } = graph.extents(node, 0);
  const found = graph.wholes(node, 1).map((at) => extents.at(at));
  if (found.some((extent) => extent === undefined)) throw graph.wrong(node, 'other indices');
  return { kind: 'extents', extents: found as Extent[], scalar: indices.shape.length === 0 };
};

export const concatenate: Translate = (node, graph) => {
  const last = node.inputs.length - 1;
  const values = node.inputs.slice(0, last).map((_, at) => graph.value(node, at));
  if (
    values.every(({ kind }) => kind === 'extents' || kind === 'constant') &&
    values.some(({ kind }) => kind === 'extents')
  )
    return {
      kind: 'extents',
      extents: values.flatMap((_, at) => [...graph.extents(node, at).extents]),
      scalar: false,
    };
  const image = values.find((value) => value.kind === 'layer');
  if (!image) throw graph.wrong(node, 'nothing of the image');
  const { length: rank } = graph.builder.shape(image.layer);
  const [axis] = graph.axes(node, last, rank);
  const inputs = values.map((value, at) => {
    if (value.kind !== 'constant') return graph.layer(node, at);
    const beside = besideImage(value, rank);
    if (!beside) throw graph.wrong(node, 'a constant of another shape');
    return graph.builder.array(`${layerName(node.name)}_constant`, beside, false);
  });
  const shapes = inputs.map((input) => graph.builder.shape(input));
  const fits = shapes.every(
    (shape) =>
      shape.length === rank && shape.every((extent, at) => at === axis - 1 || extent === shapes[0][at]),
  );
  if (!fits) throw graph.wrong(node, 'tensors that do not go together');
  const config = axis === rank ? {} : { axis };
  return layerValue(graph.builder.add(layerName(node.name), { kind: 'concatenate', config }, inputs));
};

/** Also of all pixels as one list, which products with weights come between. */
export const reshape: Translate = (node, graph) => {
  const value = graph.value(node, 0);
  const { extents, known } = graph.extents(node, 1);
  if (value.kind === 'constant') {
    const shape = filledIn(extents, value.data.length);
    if (!shape || sizeOfShape(shape) !== value.data.length)
      throw graph.wrong(node, 'another count of numbers');
    return { kind: 'constant', shape, data: value.data };
  }
  if (value.kind !== 'layer' || extents.length === 0) throw graph.wrong(node, 'an input of another kind');
  const { layer, rows } = value;
  const own = graph.builder.shape(layer);
  const [first, ...rest] = extents;
  const wanted = rest.map(({ size }) => size);
  if (rest.some(({ batch }) => batch)) throw graph.wrong(node, 'images on another axis than the first');
  const channels = own[own.length - 1];
  const open = wanted.filter((size) => size === -1).length;
  const size = sizeOfShape(own);
  const images = first.size === -1 || first.batch || first.size === 1;
  // A product over the last axis of what has more axes is written with all of these as one.
  const list = wanted.length === 1 && wanted[0] === channels && own.length > 1 && size !== channels;
  if (list && (first.size === -1 || first.size * channels === size)) return { ...value, rows: true };
  const fits = open === 0 ? sizeOfShape(wanted) === size : open === 1 && size % -sizeOfShape(wanted) === 0;
  if (!images || !fits || (first.batch && first.size !== 1))
    throw graph.wrong(node, 'another count of numbers');
  if (rows || wanted.join() === own.join()) {
    if (wanted.join() !== own.join()) throw graph.wrong(node, 'a list of pixels in another shape');
    return layerValue(layer);
  }
  return layerValue(
    graph.builder.add(
      layerName(node.name),
      { kind: 'reshape', config: { shape: target(wanted, own, known) } },
      [layer],
    ),
  );
};

/** Lengths that were asked of the image stay open, so that images of another size fit too. */
function target(wanted: readonly number[], own: readonly number[], known: boolean): readonly number[] {
  if (wanted.length === 1) return [-1];
  if (known) return wanted;
  return wanted.map((size, axis) => (axis < own.length && size === own[axis] ? 0 : size));
}

function filledIn(extents: readonly Extent[], size: number): number[] | null {
  if (extents.some(({ batch }) => batch)) return null;
  const known = extents.reduce(
    (product, extent) => (extent.size === -1 ? product : product * extent.size),
    1,
  );
  return extents.map((extent) => (extent.size === -1 ? size / known : extent.size));
}

export const squeeze: Translate = (node, graph) => {
  const value = graph.value(node, 0);
  const dims = node.attributes.wholes('squeeze_dims');
  if (value.kind === 'constant') {
    const { shape, data } = value;
    const gone = dims.map((axis) => (axis < 0 ? axis + shape.length : axis));
    const left = shape.filter((extent, axis) => (gone.length === 0 ? extent !== 1 : !gone.includes(axis)));
    return { kind: 'constant', shape: left, data };
  }
  const layer = graph.layer(node);
  const own = graph.builder.shape(layer);
  const gone = dims.map((axis) => graph.axis(node, axis, own.length));
  const left = own.filter((extent, axis) => (gone.length === 0 ? extent !== 1 : !gone.includes(axis + 1)));
  if (gone.some((axis) => own[axis - 1] !== 1)) throw graph.wrong(node, 'an axis that is longer than 1');
  return layerValue(
    graph.builder.add(layerName(node.name), { kind: 'reshape', config: { shape: left } }, [layer]),
  );
};

export const expand: Translate = (node, graph) => {
  const value = graph.value(node, 0);
  const [at] = graph.wholes(node, 1);
  if (value.kind === 'extents') return { ...value, scalar: false };
  const own = value.kind === 'constant' ? value.shape : graph.builder.shape(graph.layer(node));
  const offset = value.kind === 'constant' ? 0 : 1;
  const axis = (at < 0 ? at + own.length + 1 + offset : at) - offset;
  if (axis < 0 || axis > own.length) throw graph.wrong(node, 'an axis before the images');
  const shape = own.toSpliced(axis, 0, 1);
  if (value.kind === 'constant') return { kind: 'constant', shape, data: value.data };
  return layerValue(
    graph.builder.add(layerName(node.name), { kind: 'reshape', config: { shape } }, [graph.layer(node)]),
  );
};

export const transpose: Translate = (node, graph) => {
  const layer = graph.layer(node);
  const { length: rank } = graph.builder.shape(layer);
  const [images, ...dims] = graph.wholes(node, 1);
  const all = dims.toSorted((a, b) => a - b).every((axis, at) => axis === at + 1);
  if (images !== 0 || dims.length !== rank || !all)
    throw graph.wrong(node, 'images on another axis than the first');
  return layerValue(graph.builder.add(layerName(node.name), { kind: 'permute', config: { dims } }, [layer]));
};

/** A part of the lengths of axes, or of a tensor. */
export const stridedSlice: Translate = (node, graph) => {
  const [begin, end, strides] = [1, 2, 3].map((at) => graph.wholes(node, at));
  const mask = (name: string, axis: number): boolean => ((node.attributes.whole(name, 0) >> axis) & 1) === 1;
  if (node.attributes.whole('ellipsis_mask', 0) !== 0 || node.attributes.whole('new_axis_mask', 0) !== 0)
    throw graph.wrong(node, 'new axes');
  if (strides.some((stride) => stride < 1) || begin.length !== end.length || begin.length !== strides.length)
    throw graph.wrong(node, 'steps backwards');
  const value = graph.value(node, 0);
  if (value.kind === 'extents' || value.kind === 'constant') {
    const { extents } = graph.extents(node, 0);
    if (begin.length !== 1 || strides[0] !== 1) throw graph.wrong(node, 'more than one axis of lengths');
    const from = mask('begin_mask', 0) ? 0 : begin[0];
    if (mask('shrink_axis_mask', 0)) {
      const one = extents.at(from);
      if (!one) throw graph.wrong(node, 'an axis that is not there');
      return { kind: 'extents', extents: [one], scalar: true };
    }
    const part = extents.slice(from, mask('end_mask', 0) ? undefined : end[0]);
    return { kind: 'extents', extents: part, scalar: false };
  }
  return layerValue(sliced(node, graph, { begin, end, strides, mask }));
};

interface Slice {
  begin: number[];
  end: number[];
  strides: number[];
  mask: (name: string, axis: number) => boolean;
}

function sliced(node: GraphNode, graph: GraphTranslation, { begin, end, strides, mask }: Slice): string {
  const layer = graph.layer(node);
  const own = graph.builder.shape(layer);
  const wholeBatch = begin.length === 0 || (mask('begin_mask', 0) && mask('end_mask', 0) && strides[0] === 1);
  if (!wholeBatch || begin.length > own.length + 1) throw graph.wrong(node, 'a part of the images');
  const asked = own.map((extent, axis) => {
    const at = axis + 1;
    const counted = (value: number): number =>
      Math.min(extent, Math.max(0, value < 0 ? value + extent : value));
    const given = at < begin.length;
    const single = given && mask('shrink_axis_mask', at);
    const from = !given || (mask('begin_mask', at) && !single) ? 0 : counted(begin[at]);
    const open = !given || (mask('end_mask', at) && !single);
    const to = single ? from + 1 : open ? null : counted(end[at]);
    return { from, to: to === extent ? null : to, by: given ? strides[at] : 1, single };
  });
  const config = {
    begin: asked.map(({ from }) => from),
    end: asked.map(({ to }) => to),
    strides: asked.map(({ by }) => by),
  };
  if (asked.some(({ from, to }, axis) => from >= (to ?? own[axis]))) throw graph.wrong(node, 'nothing');
  const part = graph.builder.add(layerName(node.name), { kind: 'slice', config }, [layer]);
  if (asked.every(({ single }) => !single)) return part;
  const left = graph.builder.shape(part).filter((_, axis) => !asked[axis].single);
  return graph.builder.add(layerName(node.name), { kind: 'reshape', config: { shape: left } }, [part]);
}

export const same: Translate = (node, graph) => graph.value(node, 0);

export const constant: Translate = (node, graph): Value => {
  const numbers = graph.constantCalled(node.name);
  if (!numbers) throw graph.wrong(node, 'no numbers');
  return { kind: 'constant', ...numbers };
};
