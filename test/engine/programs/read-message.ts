/** One field of a protobuf message: its number, and its value as an integer, four bytes, or bytes. */
export interface Field {
  field: number;
  value: bigint | Uint8Array;
}

/** Reads a message's fields in order; as much of protobuf's wire format as ONNX files use. */
export function readMessage(bytes: Uint8Array): Field[] {
  const fields: Field[] = [];
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++];
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  const take = (length: number): Uint8Array => bytes.subarray(at, (at += length));
  while (at < bytes.length) {
    const tag = Number(varint());
    const field = tag >> 3;
    if ((tag & 7) === 0) fields.push({ field, value: varint() });
    else if ((tag & 7) === 5) fields.push({ field, value: take(4) });
    else if ((tag & 7) === 2) fields.push({ field, value: take(Number(varint())) });
    else throw new Error(`Wire type ${tag & 7} at byte ${at}.`);
  }
  if (at !== bytes.length) throw new Error('The message ends within a field.');
  return fields;
}

/** All values of one field, as messages. */
export const messagesOf = (fields: readonly Field[], field: number): Field[][] =>
  fields.filter((each) => each.field === field).map(({ value }) => readMessage(value as Uint8Array));

/** All values of one field, as texts. */
export const textsOf = (fields: readonly Field[], field: number): string[] =>
  fields
    .filter((each) => each.field === field)
    .map(({ value }) => new TextDecoder().decode(value as Uint8Array));

/** All values of one field, as integers. */
export const integersOf = (fields: readonly Field[], field: number): number[] =>
  fields
    .filter((each) => each.field === field)
    .map(({ value }) => Number(BigInt.asIntN(64, value as bigint)));
