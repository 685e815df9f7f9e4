import type { DataSet } from './data-set.ts';
import type { GrayscaleTransform, LookupTable, VoiFunction, WindowSetting } from './types.ts';

/**
 * Modality and VOI transforms of one frame (PS3.3 C.11.1, C.11.2). Enhanced images keep them in functional groups: the
 * frame's own come before the shared ones, and those before the data set's (PS3.3 C.7.6.16).
 */
export function readGrayscale(dataSet: DataSet, frameIndex: number): GrayscaleTransform {
  const groups = [
    dataSet.items('PerFrameFunctionalGroupsSequence')[frameIndex],
    dataSet.items('SharedFunctionalGroupsSequence')[0],
  ].filter((group) => group !== undefined);
  const transformation = [
    ...groups.flatMap((group) => group.items('PixelValueTransformationSequence').slice(0, 1)),
    dataSet,
  ];
  const voi = [...groups.flatMap((group) => group.items('FrameVOILUTSequence').slice(0, 1)), dataSet];
  const windowed = voi.find((set) => set.has('WindowCenter')) ?? dataSet;
  const modalityLut = lookupTables(dataSet, 'ModalityLUTSequence')[0] ?? null;
  return {
    rescale: modalityLut ? null : rescaleOf(transformation.find((set) => set.has('RescaleSlope'))),
    modalityLut,
    windows: windowsOf(windowed),
    voiFunction: voiFunctionOf(windowed),
    voiLuts: lookupTables(dataSet, 'VOILUTSequence'),
    padding: paddingOf(dataSet),
  };
}

function rescaleOf(set: DataSet | undefined): GrayscaleTransform['rescale'] {
  if (!set) return null;
  const slope = set.number('RescaleSlope');
  // A slope of 0 would make every picture one grey: it stands for "none".
  return { slope: slope === null || slope === 0 ? 1 : slope, intercept: set.number('RescaleIntercept') ?? 0 };
}

function windowsOf(set: DataSet): WindowSetting[] {
  const widths = set.numbers('WindowWidth');
  const explanations = set.texts('WindowCenterWidthExplanation');
  return set
    .numbers('WindowCenter')
    .map((center, index) => ({ center, width: widths[index], explanation: explanations[index] ?? null }))
    .filter(({ width }) => width !== undefined && width > 0);
}

function voiFunctionOf(set: DataSet): VoiFunction {
  const name = set.text('VOILUTFunction');
  return name === 'SIGMOID' || name === 'LINEAR_EXACT' ? name : 'LINEAR';
}

function lookupTables(dataSet: DataSet, keyword: 'ModalityLUTSequence' | 'VOILUTSequence'): LookupTable[] {
  return dataSet.items(keyword).flatMap((item) => {
    const [count, first, bits] = item.numbers('LUTDescriptor');
    if (bits === undefined) return [];
    const length = count || 65_536;
    const bytes = item.raw('LUTData');
    // Tables of up to 8 bits may be packed as bytes.
    const packed = bytes.length < 2 * length;
    const big = item.encoding.bigEndian;
    const values = Uint16Array.from(
      { length: packed ? Math.min(length, bytes.length) : length },
      (_, index) =>
        packed ? bytes[index] : big ? bytes.readUInt16BE(2 * index) : bytes.readUInt16LE(2 * index),
    );
    if (values.length === 0) return [];
    const signed = dataSet.number('PixelRepresentation') === 1 || keyword === 'VOILUTSequence';
    return [
      {
        firstMapped: signed && first > 32_767 ? first - 65_536 : first,
        values,
        bits: Math.min(16, Math.max(1, bits)),
        explanation: item.text('LUTExplanation'),
      },
    ];
  });
}

function paddingOf(dataSet: DataSet): GrayscaleTransform['padding'] {
  const value = dataSet.number('PixelPaddingValue');
  if (value === null) return null;
  const limit = dataSet.number('PixelPaddingRangeLimit') ?? value;
  const signed = dataSet.number('PixelRepresentation') === 1;
  const [one, other] = [value, limit].map((word) => (signed && word > 32_767 ? word - 65_536 : word));
  return { from: Math.min(one, other), to: Math.max(one, other) };
}
