import type { Activation, Translation } from './translation.ts';

/** A part of one of a layer's axes; the batch is one of axis 0. */
interface Part {
  own: number;
  extent: number;
}

/**
 * Reshapes what ONNX sees. Axes that are joined stay as they lie until a layer needs them so; only one that is parted takes a layer.
 *
 * @param target extents, none open
 */
export function reshapeActivation(t: Translation, value: Activation, target: readonly number[]): Activation {
  const own = t.shapeOf(value.layer);
  const rest: Part[] = value.axes
    .flat()
    .map((axis) => ({ own: axis, extent: axis === 0 ? t.batch : own[axis - 1] }));
  const made = target.map((extent) => takeParts(t, rest, extent));
  for (const part of rest) {
    if (part.extent !== 1) throw t.unsupported(`a shape of [${target.join(', ')}]`);
    // A batch of one that the file counts no longer.
    if (part.own === 0) made[made.length - 1]?.push(part);
  }
  return renumbered(t, value, made);
}

/** Takes as many parts from the front as make an axis. */
function takeParts(t: Translation, rest: Part[], extent: number): Part[] {
  const parts: Part[] = [];
  let need = extent;
  while (rest.length > 0) {
    const [part] = rest;
    if (need === 1 && (parts.length > 0 || part.extent !== 1)) break;
    if (part.extent === 1) {
      rest.shift();
      // Others of 1 are left where they are: no axis needs them.
      if (part.own === 0) parts.push(part);
      if (extent === 1) break;
    } else if (need % part.extent === 0) {
      rest.shift();
      parts.push(part);
      need /= part.extent;
    } else if (part.own !== 0 && part.extent % need === 0) {
      parts.push({ own: part.own, extent: need });
      rest[0] = { own: part.own, extent: part.extent / need };
      need = 1;
    } else break;
  }
  if (need !== 1) throw t.unsupported(`axes that are neither joined nor parted to make ${extent}`);
  return parts;
}

/** Axes of the layer that were parted are so from now on. */
function renumbered(t: Translation, { layer }: Activation, made: Part[][]): Activation {
  const own = t.shapeOf(layer);
  const pieces = own.map((extent, at) => {
    const found = made.flat().filter((part) => part.own === at + 1);
    return found.length > 0 ? found : [{ own: at + 1, extent }];
  });
  const numbers = new Map(pieces.flat().map((part, at) => [part, at + 1]));
  const axes = made.map((parts) => parts.map((part) => (part.own === 0 ? 0 : numbers.get(part)!)));
  if (pieces.every((parts) => parts.length === 1)) return { layer, axes };
  let same = true;
  const shape = pieces.flatMap((parts) => {
    same &&= parts.length === 1;
    return parts.map(({ extent }) => (same ? 0 : extent));
  });
  return { layer: t.add({ kind: 'reshape', config: { shape } }, [layer], '_part'), axes };
}
