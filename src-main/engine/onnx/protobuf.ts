/**
 * As much of protobuf's wire format as writing an ONNX file takes. Messages are built as lists of chunks and joined
 * once at the end, so that weights are copied a single time.
 */
export class MessageWriter {
  readonly #chunks: Uint8Array[] = [];
  #pending: number[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** A varint field; zero is written too, since ONNX tells an absent attribute from a zero one. */
  integer(field: number, value: number): this {
    this.#varint(field << 3);
    this.#signed(value);
    return this;
  }

  float(field: number, value: number): this {
    this.#varint((field << 3) | 5);
    this.#pushBytes(new Uint8Array(Float32Array.of(value).buffer));
    return this;
  }

  packedIntegers(field: number, values: readonly number[]): this {
    const inner = new MessageWriter();
    for (const value of values) inner.#signed(value);
    return this.message(field, inner);
  }

  packedFloats(field: number, values: readonly number[]): this {
    return this.bytes(field, new Uint8Array(Float32Array.from(values).buffer));
  }

  text(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value));
  }

  bytes(field: number, value: Uint8Array): this {
    this.#varint((field << 3) | 2);
    this.#varint(value.byteLength);
    this.#pushBytes(value);
    return this;
  }

  message(field: number, inner: MessageWriter): this {
    this.#varint((field << 3) | 2);
    this.#varint(inner.length);
    inner.#flush();
    this.#flush();
    for (const chunk of inner.#chunks) this.#chunks.push(chunk);
    this.#length += inner.length;
    return this;
  }

  finish(): Uint8Array {
    this.#flush();
    const whole = new Uint8Array(this.#length);
    let at = 0;
    for (const chunk of this.#chunks) {
      whole.set(chunk, at);
      at += chunk.byteLength;
    }
    return whole;
  }

  #signed(value: number): void {
    if (value >= 0) this.#varint(value);
    else {
      // Negative int64: ten bytes of two's complement.
      let rest = BigInt.asUintN(64, BigInt(value));
      for (; rest > 127n; rest >>= 7n) this.#pushByte(Number(rest & 127n) | 128);
      this.#pushByte(Number(rest));
    }
  }

  #varint(value: number): void {
    while (value > 127) {
      this.#pushByte((value % 128) | 128);
      value = Math.floor(value / 128);
    }
    this.#pushByte(value);
  }

  #pushByte(byte: number): void {
    this.#pending.push(byte);
    this.#length++;
  }

  #pushBytes(bytes: Uint8Array): void {
    this.#length += bytes.byteLength;
    if (bytes.byteLength < 64) for (const byte of bytes) this.#pending.push(byte);
    else {
      this.#flush();
      this.#chunks.push(bytes);
    }
  }

  #flush(): void {
    if (this.#pending.length === 0) return;
    this.#chunks.push(Uint8Array.from(this.#pending));
    this.#pending = [];
  }
}
