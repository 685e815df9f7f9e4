import type { PickleSource } from './pickle-source.ts';

/** A class or function that a pickle names. It is a name and nothing else: it is never looked up, never called. */
export class PickledGlobal {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** What a pickle would have made by calling something: the name of it, what it would have been given, what was put into it. */
export class PickledObject {
  readonly global: string;
  readonly args: readonly unknown[];
  /** What `__setstate__` would have been given. */
  state: unknown = undefined;
  /** What was put in by key, as into a dict. */
  readonly items = new Map<unknown, unknown>();
  /** What was appended, as to a list. */
  readonly list: unknown[] = [];

  constructor(global: string, args: readonly unknown[]) {
    this.global = global;
    this.args = args;
  }
}

export interface PickleHooks {
  /** What stands for something that the pickle keeps outside of itself. */
  persistent(id: unknown): unknown;
  /** Makes the few things that are known by name; undefined leaves an inert `PickledObject`. */
  make(global: string, args: readonly unknown[]): unknown;
  /** The error for a pickle that is damaged. */
  wrong(found: string): Error;
}

/** State dicts of the largest networks here take some 20,000; each can make an object of a hundred bytes. */
const MOST_OPERATIONS = 2_000_000;
const LONGEST_NUMBER = 1024;

/**
 * Reads one pickle of the protocols 0 to 5 without executing anything: dicts become Maps, tuples and lists arrays, and
 * calls inert objects, but for what `hooks` makes of names that it knows. After Python's `pickletools`.
 *
 * @returns the object; the source then stands behind the pickle
 * @throws what `hooks.wrong` and the source make of a damaged pickle
 */
export function unpickle(source: PickleSource, hooks: PickleHooks): unknown {
  return new Unpickler(source, hooks).run();
}

class Unpickler {
  readonly #source: PickleSource;
  readonly #hooks: PickleHooks;
  readonly #memo = new Map<number, unknown>();
  /** Stacks set aside at each mark. */
  readonly #marked: unknown[][] = [];
  #stack: unknown[] = [];

  constructor(source: PickleSource, hooks: PickleHooks) {
    this.#source = source;
    this.#hooks = hooks;
  }

  run(): unknown {
    for (let done = 0; done < MOST_OPERATIONS; done++) {
      const code = this.#byte();
      // STOP
      if (code === 0x2e) return this.#pop();
      this.#operate(code);
    }
    throw this.#hooks.wrong(`more than ${MOST_OPERATIONS.toLocaleString('en')} steps in its description`);
  }

  #operate(code: number): void {
    switch (code) {
      case 0x80: // PROTO
        if (this.#byte() > 5) throw this.#hooks.wrong('a pickle of an unknown protocol');
        return;
      case 0x95: // FRAME
        this.#length(8);
        return;
      case 0x28: // MARK
        this.#marked.push(this.#stack);
        this.#stack = [];
        return;
      case 0x30: // POP
        if (this.#stack.length > 0) this.#pop();
        else this.#sinceMark();
        return;
      case 0x31: // POP_MARK
        this.#sinceMark();
        return;
      case 0x32: // DUP
        return this.#push(this.#top());
      case 0x4e: // NONE
        return this.#push(null);
      case 0x88: // NEWTRUE
        return this.#push(true);
      case 0x89: // NEWFALSE
        return this.#push(false);
      default:
        if (!this.#number(code) && !this.#text(code) && !this.#container(code) && !this.#reference(code))
          throw this.#hooks.wrong(`the unknown operation 0x${code.toString(16)}`);
    }
  }

  #number(code: number): boolean {
    switch (code) {
      case 0x49: {
        // INT: 01 and 00 are booleans
        const line = this.#line();
        this.#push(line === '01' ? true : line === '00' ? false : this.#finite(Number(line)));
        return true;
      }
      case 0x4a: // BININT
        this.#push(this.#view(4).getInt32(0, true));
        return true;
      case 0x4b: // BININT1
        this.#push(this.#byte());
        return true;
      case 0x4d: // BININT2
        this.#push(this.#view(2).getUint16(0, true));
        return true;
      case 0x4c: // LONG
        this.#push(this.#finite(Number(this.#line().replace(/L$/, ''))));
        return true;
      case 0x8a: // LONG1
        this.#push(this.#long(this.#byte()));
        return true;
      case 0x8b: // LONG4
        this.#push(this.#long(this.#length(4)));
        return true;
      case 0x46: // FLOAT
        this.#push(Number(this.#line()));
        return true;
      case 0x47: // BINFLOAT
        this.#push(this.#view(8).getFloat64(0, false));
        return true;
      default:
        return false;
    }
  }

  #text(code: number): boolean {
    const text = (length: number): void => this.#push(new TextDecoder().decode(this.#source.take(length)));
    const bytes = (length: number): void => this.#push(this.#source.take(length).slice());
    switch (code) {
      case 0x53: // STRING
      case 0x56: // UNICODE
        this.#push(this.#line().replace(/^(['"])(.*)\1$/s, '$2'));
        return true;
      case 0x54: // BINSTRING
      case 0x58: // BINUNICODE
        text(this.#length(4));
        return true;
      case 0x55: // SHORT_BINSTRING
      case 0x8c: // SHORT_BINUNICODE
        text(this.#byte());
        return true;
      case 0x8d: // BINUNICODE8
        text(this.#length(8));
        return true;
      case 0x42: // BINBYTES
        bytes(this.#length(4));
        return true;
      case 0x43: // SHORT_BINBYTES
        bytes(this.#byte());
        return true;
      case 0x8e: // BINBYTES8
      case 0x96: // BYTEARRAY8
        bytes(this.#length(8));
        return true;
      default:
        return false;
    }
  }

  #container(code: number): boolean {
    switch (code) {
      case 0x5d: // EMPTY_LIST
      case 0x29: // EMPTY_TUPLE
        this.#push([]);
        return true;
      case 0x7d: // EMPTY_DICT
        this.#push(new Map());
        return true;
      case 0x8f: // EMPTY_SET
        this.#push(new Set());
        return true;
      case 0x6c: // LIST
      case 0x74: // TUPLE
        this.#push(this.#sinceMark());
        return true;
      case 0x91: // FROZENSET
        this.#push(new Set(this.#sinceMark()));
        return true;
      case 0x64: // DICT
        this.#push(new Map());
        this.#setItems(this.#sinceMarkBelow());
        return true;
      case 0x85: // TUPLE1
      case 0x86: // TUPLE2
      case 0x87: // TUPLE3
        this.#push(this.#popSome(code - 0x84));
        return true;
      case 0x61: // APPEND
        this.#append([this.#pop()]);
        return true;
      case 0x65: // APPENDS
        this.#append(this.#sinceMark());
        return true;
      case 0x90: {
        // ADDITEMS
        const items = this.#sinceMark();
        const set = this.#top();
        if (!(set instanceof Set)) throw this.#hooks.wrong('items for something that is no set');
        for (const item of items) set.add(item);
        return true;
      }
      case 0x73: // SETITEM
        this.#setItems(this.#popSome(2));
        return true;
      case 0x75: // SETITEMS
        this.#setItems(this.#sinceMark());
        return true;
      default:
        return false;
    }
  }

  #reference(code: number): boolean {
    switch (code) {
      case 0x67: // GET
        this.#push(this.#recall(Number(this.#line())));
        return true;
      case 0x68: // BINGET
        this.#push(this.#recall(this.#byte()));
        return true;
      case 0x6a: // LONG_BINGET
        this.#push(this.#recall(this.#length(4)));
        return true;
      case 0x70: // PUT
        this.#memo.set(Number(this.#line()), this.#top());
        return true;
      case 0x71: // BINPUT
        this.#memo.set(this.#byte(), this.#top());
        return true;
      case 0x72: // LONG_BINPUT
        this.#memo.set(this.#length(4), this.#top());
        return true;
      case 0x94: // MEMOIZE
        this.#memo.set(this.#memo.size, this.#top());
        return true;
      case 0x63: // GLOBAL
        this.#push(new PickledGlobal(`${this.#line()}.${this.#line()}`));
        return true;
      case 0x93: {
        // STACK_GLOBAL
        const [module, name] = this.#popSome(2);
        this.#push(new PickledGlobal(`${String(module)}.${String(name)}`));
        return true;
      }
      case 0x50: // PERSID
        this.#push(this.#hooks.persistent(this.#line()));
        return true;
      case 0x51: // BINPERSID
        this.#push(this.#hooks.persistent(this.#pop()));
        return true;
      case 0x52: // REDUCE
      case 0x81: {
        // NEWOBJ
        const [callable, args] = this.#popSome(2);
        this.#push(this.#make(callable, args));
        return true;
      }
      case 0x92: {
        // NEWOBJ_EX
        const [callable, args] = this.#popSome(3);
        this.#push(this.#make(callable, args));
        return true;
      }
      case 0x62: {
        // BUILD
        const state = this.#pop();
        const object = this.#top();
        if (object instanceof PickledObject) object.state = state;
        return true;
      }
      default:
        return false;
    }
  }

  #make(callable: unknown, args: unknown): unknown {
    const given = Array.isArray(args) ? (args as unknown[]) : [];
    if (!(callable instanceof PickledGlobal)) return new PickledObject('unknown', given);
    return this.#hooks.make(callable.name, given) ?? new PickledObject(callable.name, given);
  }

  #append(items: readonly unknown[]): void {
    const target = this.#top();
    const list = Array.isArray(target) ? target : target instanceof PickledObject ? target.list : null;
    if (!list) throw this.#hooks.wrong('items for something that is no list');
    for (const item of items) list.push(item);
  }

  #setItems(pairs: readonly unknown[]): void {
    const target = this.#top();
    const map = target instanceof Map ? target : target instanceof PickledObject ? target.items : null;
    if (!map || pairs.length % 2 !== 0) throw this.#hooks.wrong('entries for something that is no dict');
    for (let at = 0; at < pairs.length; at += 2) map.set(pairs[at], pairs[at + 1]);
  }

  #recall(place: number): unknown {
    if (!this.#memo.has(place)) throw this.#hooks.wrong('a reference to something that was not kept');
    return this.#memo.get(place);
  }

  #push(value: unknown): void {
    this.#stack.push(value);
  }

  #pop(): unknown {
    if (this.#stack.length === 0) throw this.#hooks.wrong('an empty stack');
    return this.#stack.pop();
  }

  #popSome(count: number): unknown[] {
    if (this.#stack.length < count) throw this.#hooks.wrong('an empty stack');
    return this.#stack.splice(this.#stack.length - count);
  }

  #top(): unknown {
    if (this.#stack.length === 0) throw this.#hooks.wrong('an empty stack');
    return this.#stack[this.#stack.length - 1];
  }

  /** What was pushed since the last mark, which goes. */
  #sinceMark(): unknown[] {
    const before = this.#marked.pop();
    if (!before) throw this.#hooks.wrong('a mark that was not set');
    const since = this.#stack;
    this.#stack = before;
    return since;
  }

  /** The same where something was pushed on top that is to stay: it does, and what lay below it comes back. */
  #sinceMarkBelow(): unknown[] {
    const kept = this.#pop();
    const since = this.#sinceMark();
    this.#push(kept);
    return since;
  }

  #byte(): number {
    return this.#source.take(1)[0];
  }

  #view(length: number): DataView {
    const { buffer, byteOffset } = this.#source.take(length);
    return new DataView(buffer, byteOffset, length);
  }

  #length(bytes: 4 | 8): number {
    const view = this.#view(bytes);
    const length = bytes === 4 ? view.getUint32(0, true) : Number(view.getBigUint64(0, true));
    if (!Number.isSafeInteger(length)) throw this.#hooks.wrong('an impossible length');
    return length;
  }

  /** A whole number of any size; a bigint where a number would round it. */
  #long(length: number): number | bigint {
    if (length > LONGEST_NUMBER) throw this.#hooks.wrong('an impossible number');
    const bytes = this.#source.take(length);
    let value = 0n;
    for (let at = length - 1; at >= 0; at--) value = (value << 8n) | BigInt(bytes[at]);
    if (length > 0 && bytes[length - 1] >= 0x80) value -= 1n << BigInt(8 * length);
    const small = Number(value);
    return Number.isSafeInteger(small) ? small : value;
  }

  #finite(value: number): number {
    if (!Number.isFinite(value)) throw this.#hooks.wrong('a number that is none');
    return value;
  }

  #line(): string {
    const bytes: number[] = [];
    for (;;) {
      const byte = this.#byte();
      if (byte === 0x0a) return new TextDecoder().decode(Uint8Array.from(bytes));
      bytes.push(byte);
      if (bytes.length > 65_536) throw this.#hooks.wrong('a line without an end');
    }
  }
}
