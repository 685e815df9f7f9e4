/**
 * What the page fetches by relative address. Electron answers them on its own protocol, the host on HTTP; both ask the
 * application. Every address below needs an open project.
 *
 * - `/frames/<instance>/<frame>`: stored values of one frame, see `FrameHeader`
 * - `/thumbnails/<instance>/<frame>`: a small picture of it (PNG, at most 160 pixels on a side)
 * - `/files/reports/<name>`: a file in the project's `reports` folder
 */
export interface Resource {
  status: 200 | 400 | 404 | 422;
  /** Media type. */
  type: string;
  body: Uint8Array;
  headers?: Record<string, string>;
}

/**
 * A frame's answer is `x-graft-frame: <JSON of this, URI-encoded>` and, as its body, the stored values: little-endian, row by row,
 * interleaved when there are three samples for each pixel. Values are after the modality LUT or rescale (Hounsfield for
 * CT) as float32 when `type` is `float32`, and as stored otherwise.
 */
export interface FrameHeader {
  instanceId: number;
  frameIndex: number;
  rows: number;
  columns: number;
  samplesPerPixel: 1 | 3;
  type: 'uint8' | 'int16' | 'uint16' | 'float32';
  /** 0 is white. */
  inverted: boolean;
  /** stored × slope + intercept is in modality units. */
  slope: number;
  intercept: number;
  /** The file's own windows in modality units, the first is the default; empty where it names none. */
  windows: { center: number; width: number; explanation: string | null }[];
  /** Smallest and largest stored value. */
  smallest: number;
  largest: number;
  /** Millimetres; null where unknown. */
  rowSpacing: number | null;
  columnSpacing: number | null;
}
