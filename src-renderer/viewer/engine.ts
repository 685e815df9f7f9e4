/**
 * cornerstone3D with a loader of our own over the contract: pixels come decoded from the application, so none of its
 * codecs and DICOM loaders is part of this page. Loaded when an image is first shown.
 */
import {
  cache,
  Enums,
  imageLoader,
  init as initCore,
  metaData,
  RenderingEngine,
  setUseCPURendering,
  utilities,
  type Types,
} from '@cornerstonejs/core';
import {
  addTool,
  Enums as ToolEnums,
  init as initTools,
  PanTool,
  StackScrollTool,
  ToolGroupManager,
  WindowLevelTool,
  ZoomTool,
  type Types as ToolTypes,
} from '@cornerstonejs/tools';
import { defaultWindow, fetchFrame, type Frame, type FrameValues } from './frame.ts';

const SCHEME = 'graft';
const CACHE_BYTES = 512 * 2 ** 20;
const TOOLS = 'graft-viewer';

const frames = new Map<string, Frame>();
let started: Promise<RenderingEngine> | null = null;

/** Which project the cached images are of: numbers of images say nothing about whose they are. */
let owner = '';

/** Before anything is shown: images of another project are forgotten, and none of them can be taken for one of these. */
export function showProject(projectId: string): void {
  if (projectId === owner) return;
  owner = projectId;
  frames.clear();
  if (started) cache.purgeCache();
}

export const imageIdOf = (instanceId: number, frameIndex: number): string =>
  `${SCHEME}:${owner}:${instanceId}/${frameIndex}`;

/** The frame behind an image that is or was shown; undefined before it was loaded. */
export const frameOf = (imageId: string): Frame | undefined => frames.get(imageId);

/** Starts cornerstone once for the page. */
export function viewerEngine(): Promise<RenderingEngine> {
  return (started ??= start());
}

async function start(): Promise<RenderingEngine> {
  initCore();
  // Without WebGL (a virtual desktop, a server) the canvas renderer shows the same picture, more slowly.
  if (!hasWebGl()) setUseCPURendering(true);
  initTools();
  cache.setMaxCacheSize(CACHE_BYTES);
  imageLoader.registerImageLoader(SCHEME, (imageId) => ({ promise: load(imageId) }));
  metaData.addProvider(metadata, 10_000);
  for (const tool of [WindowLevelTool, PanTool, ZoomTool, StackScrollTool]) addTool(tool);
  const group = ToolGroupManager.createToolGroup(TOOLS)!;
  const { MouseBindings } = ToolEnums;
  const bind = (name: string, ...bindings: ToolTypes.IToolBinding[]): void => {
    group.addTool(name);
    group.setToolActive(name, { bindings });
  };
  bind(WindowLevelTool.toolName, { mouseButton: MouseBindings.Primary });
  bind(
    PanTool.toolName,
    { mouseButton: MouseBindings.Auxiliary },
    {
      mouseButton: MouseBindings.Primary,
      modifierKey: ToolEnums.KeyboardBindings.Shift,
    },
  );
  bind(ZoomTool.toolName, { mouseButton: MouseBindings.Secondary });
  bind(StackScrollTool.toolName, { mouseButton: MouseBindings.Wheel });
  return new RenderingEngine('graft');
}

function hasWebGl(): boolean {
  return document.createElement('canvas').getContext('webgl2') !== null;
}

/** Puts an element's viewport into the tools' hands. */
export function joinTools(viewportId: string): void {
  ToolGroupManager.getToolGroup(TOOLS)!.addViewport(viewportId, 'graft');
}

export function leaveTools(viewportId: string): void {
  ToolGroupManager.getToolGroup(TOOLS)?.removeViewports('graft', viewportId);
}

const parse = (imageId: string): [number, number] => {
  const [instanceId, frameIndex] = imageId
    .slice(imageId.lastIndexOf(':') + 1)
    .split('/')
    .map(Number);
  return [instanceId, frameIndex];
};

async function load(imageId: string): Promise<Types.IImage> {
  const frame = await fetchFrame(...parse(imageId));
  frames.set(imageId, frame);
  return toImage(imageId, frame);
}

/** Fetches an image ahead of its turn; what goes wrong is said when it is shown. */
export function prefetch(imageId: string): void {
  void imageLoader.loadAndCacheImage(imageId).catch(() => {});
}

function toImage(imageId: string, frame: Frame): Types.IImage {
  const { header } = frame;
  const colour = header.samplesPerPixel === 3;
  const values = modalityValues(frame);
  const inUnits = (stored: number): number => (colour ? stored : header.slope * stored + header.intercept);
  const { center, width } = defaultWindow(frame);
  const voxelManager = utilities.VoxelManager.createImageVoxelManager({
    width: header.columns,
    height: header.rows,
    scalarData: values,
    numberOfComponents: header.samplesPerPixel,
  });
  return {
    imageId,
    minPixelValue: inUnits(header.smallest),
    maxPixelValue: inUnits(header.largest),
    slope: 1,
    intercept: 0,
    windowCenter: colour ? 128 : center,
    windowWidth: colour ? 255 : width,
    voiLUTFunction: Enums.VOILUTFunctionType.LINEAR,
    getPixelData: () => values,
    getCanvas: () => {
      throw new Error('This image has no canvas.');
    },
    rows: header.rows,
    columns: header.columns,
    height: header.rows,
    width: header.columns,
    color: colour,
    rgba: false,
    numberOfComponents: header.samplesPerPixel,
    columnPixelSpacing: header.columnSpacing ?? 1,
    rowPixelSpacing: header.rowSpacing ?? 1,
    invert: header.inverted,
    photometricInterpretation: colour ? 'RGB' : header.inverted ? 'MONOCHROME1' : 'MONOCHROME2',
    sizeInBytes: values.byteLength,
    dataType: values.constructor.name as Types.PixelDataTypedArrayString,
    voxelManager: voxelManager as Types.IVoxelManager<number>,
  } as Types.IImage;
}

/** cornerstone applies a window to the pixels as they are: they have to be in the units that the window is in. */
function modalityValues({ header, values }: Frame): FrameValues {
  const { slope, intercept, samplesPerPixel, smallest, largest } = header;
  if (samplesPerPixel === 3 || (slope === 1 && intercept === 0)) return values;
  const ends = [slope * smallest + intercept, slope * largest + intercept];
  const whole = Number.isInteger(slope) && Number.isInteger(intercept);
  const fits = whole && Math.min(...ends) >= -32_768 && Math.max(...ends) <= 32_767;
  const out = fits ? new Int16Array(values.length) : new Float32Array(values.length);
  for (let at = 0; at < values.length; at++) out[at] = slope * values[at] + intercept;
  return out;
}

/** What cornerstone asks of an image besides its pixels. */
function metadata(kind: string, imageId: unknown): unknown {
  if (typeof imageId !== 'string' || !imageId.startsWith(`${SCHEME}:`)) return undefined;
  const frame = frames.get(imageId);
  if (!frame) return undefined;
  const { header } = frame;
  const [columnPixelSpacing, rowPixelSpacing] = [header.columnSpacing ?? 1, header.rowSpacing ?? 1];
  switch (kind) {
    case 'imagePixelModule': {
      const values = modalityValues(frame);
      const bits = 8 * values.BYTES_PER_ELEMENT;
      return {
        rows: header.rows,
        columns: header.columns,
        samplesPerPixel: header.samplesPerPixel,
        photometricInterpretation:
          header.samplesPerPixel === 3 ? 'RGB' : header.inverted ? 'MONOCHROME1' : 'MONOCHROME2',
        bitsAllocated: bits,
        bitsStored: bits,
        highBit: bits - 1,
        pixelRepresentation: values instanceof Int16Array || values instanceof Float32Array ? 1 : 0,
      };
    }
    case 'imagePlaneModule':
      return {
        frameOfReferenceUID: '1',
        rows: header.rows,
        columns: header.columns,
        imageOrientationPatient: [1, 0, 0, 0, 1, 0],
        rowCosines: [1, 0, 0],
        columnCosines: [0, 1, 0],
        imagePositionPatient: [0, 0, 0],
        pixelSpacing: [rowPixelSpacing, columnPixelSpacing],
        rowPixelSpacing,
        columnPixelSpacing,
        usingDefaultValues: header.rowSpacing === null,
      };
    case 'generalSeriesModule':
      return { modality: 'OT', seriesInstanceUID: '1' };
    case 'voiLutModule': {
      if (header.samplesPerPixel === 3) return undefined;
      const { center, width } = defaultWindow(frame);
      return { windowCenter: [center], windowWidth: [width], voiLUTFunction: 'LINEAR' };
    }
    case 'modalityLutModule':
      return { rescaleSlope: 1, rescaleIntercept: 0 };
    default:
      return undefined;
  }
}
