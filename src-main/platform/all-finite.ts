/** Whether all are numbers, and none has overflowed. @param count how many of the first are asked */
export function allFinite(values: ArrayLike<number>, count = values.length): boolean {
  for (let i = 0; i < count; i++) if (!Number.isFinite(values[i])) return false;
  return true;
}
