import { inflateSync } from 'node:zlib';

/** What a PDF that pdfkit wrote holds, read without a library: text page by page, and everything that is not drawn. */
export interface PdfContent {
  /** Text of each page, in the order in which it is drawn. */
  pages: string[];
  /** Objects outside of streams, and streams that are text: names, metadata, alternative texts, bookmarks. */
  rest: string;
}

interface PdfObject {
  head: string;
  stream: string | null;
}

export function readPdf(file: Buffer): PdfContent {
  const objects = readObjects(file.toString('latin1'));
  const fonts = new Map<string, Map<string, string>>();
  for (const { head } of objects.values())
    for (const [, name, id] of head.matchAll(/\/(F\d+) (\d+) 0 R/g)) {
      const unicode = objects.get(Number(id))?.head.match(/\/ToUnicode (\d+) 0 R/)?.[1];
      if (unicode) fonts.set(name, characters(objects.get(Number(unicode))!.stream!));
    }
  const contents = [...objects.values()].flatMap(({ head }) =>
    /\/Type \/Page\b(?!s)/.test(head) ? [Number(head.match(/\/Contents (\d+) 0 R/)![1])] : [],
  );
  const others = [...objects].flatMap(([id, { head, stream }]) =>
    stream !== null && !contents.includes(id) && /^[\n\r\t -~]*$/.test(stream) ? [head, stream] : [head],
  );
  return {
    pages: contents.map((id) => pageText(objects.get(id)!.stream!, fonts)),
    rest: others.map(withUnicode).join('\n'),
  };
}

function readObjects(file: string): Map<number, PdfObject> {
  const objects = new Map<number, PdfObject>();
  for (const [, id, body] of file.matchAll(/(\d+) 0 obj\n([\s\S]*?)\nendobj/g)) {
    const at = body.indexOf('\nstream\n');
    const head = at < 0 ? body : body.slice(0, at);
    const raw = at < 0 ? null : Buffer.from(body.slice(at + 8, body.lastIndexOf('\nendstream')), 'latin1');
    const stream = raw && (/FlateDecode/.test(head) ? inflateSync(raw) : raw).toString('latin1');
    objects.set(Number(id), { head, stream });
  }
  return objects;
}

const fromHex = (hex: string): string => Buffer.from(hex, 'hex').swap16().toString('utf16le');

/** Glyph numbers to text. */
function characters(map: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const [, from, , list] of map.matchAll(/<(\w{4})> <(\w{4})> \[([^\]]*)\]/g))
    [...list.matchAll(/<(\w+)>/g)].forEach(([, hex], at) =>
      found.set((parseInt(from, 16) + at).toString(16).padStart(4, '0'), fromHex(hex)),
    );
  return found;
}

function pageText(stream: string, fonts: ReadonlyMap<string, Map<string, string>>): string {
  let font = new Map<string, string>();
  const lines: string[] = [];
  for (const [, name, shown] of stream.matchAll(/\/(F\d+) [\d.]+ Tf|\[([^\]]*)\] TJ/g)) {
    if (name) font = fonts.get(name) ?? new Map();
    else
      lines.push(
        [...shown.matchAll(/<([0-9a-f]+)>/g)]
          .flatMap(([, hex]) => hex.match(/.{4}/g)!.map((glyph) => font.get(glyph) ?? '\ufffd'))
          .join(''),
      );
  }
  return lines.join('\n');
}

/** Strings of an object that are written in UTF-16 (those with letters beyond ASCII), as text besides. */
function withUnicode(head: string): string {
  const wide = [...head.matchAll(/\((\xfe\xff(?:\\[\s\S]|[^\\)])*)\)/g)].map(([, text]) => {
    const bytes = Buffer.from(text.slice(2).replace(/\\([\s\S])/g, '$1'), 'latin1');
    return bytes
      .subarray(0, bytes.length - (bytes.length % 2))
      .swap16()
      .toString('utf16le');
  });
  return [head, ...wide].join('\n');
}
