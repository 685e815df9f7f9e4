import { describe, expect, it } from 'vitest';
import {
  checkByRandomisation,
  overImage,
  sampleMap,
  spearman,
  structuralSimilarity,
} from '../../src-main/explanation/index.ts';
import { initialiseParameters, NetworkBuilder } from '../../src-main/models/index.ts';
import { images, largestDifference, reference, smallModel, target, withExecutor } from './small-model.ts';

describe('likeness of maps', () => {
  const { rows, columns, first, second, ...expected } = reference.likeness;

  it("is SciPy's rank correlation and scikit-image's structural similarity", () => {
    expect(spearman(first, second)).toBeCloseTo(expected.spearman, 9);
    expect(structuralSimilarity(first, second, rows, columns)).toBeCloseTo(expected.ssim, 9);
    expect(structuralSimilarity(first, first, rows, columns)).toBeCloseTo(1, 9);
    expect(spearman([1, 1, 1], [1, 2, 3])).toBeNull();
  });

  it("scales maps up as PyTorch's bilinear interpolation does", () => {
    const map = { rows: 3, columns: 4, values: Float32Array.from(reference.bilinear.map) };
    expect(largestDifference(sampleMap(map, 7, 9), reference.bilinear.values)).toBeLessThan(1e-6);
  });
});

describe('the parameter-randomisation check', () => {
  const targets = [target(0, 2), target(1, 2)];

  it('passes maps that change with the weights, and leaves the model as it was', async () => {
    const model = smallModel();
    const before = model.parameters.hash();
    await withExecutor(async (executor) => {
      const { check, own, drawn } = await checkByRandomisation(model, targets, { method: 'gradcam' }, 3, {
        executor,
        images,
      });
      expect(check.steps.map(({ stage }) => stage)).toEqual(['head', 'two', 'one']);
      expect(check).toMatchObject({ verdict: 'passed', layer: 'two_relu', images: 2 });
      expect(check.sentence).toMatch(/depend on what the model has learned/);
      const last = reference.maps.find(({ layer, classIndex }) => layer === 'two_relu' && classIndex === 2)!;
      expect(largestDifference(own.values, last.gradcam[0])).toBeLessThan(1e-5);
      expect(drawn).toHaveLength(3);
    });
    expect(model.parameters.hash()).toBe(before);
  });

  it('fails a map that shows the image whatever the weights are', async () => {
    // Nothing before the head has weights: the map is the image itself, as often as the drawn weight speaks for the class.
    const b = new NetworkBuilder('edges', [12, 12, 1], 'one');
    b.maxPool('pool', 2, 2, 'valid');
    b.head(1);
    const network = b.build();
    const model = {
      ...smallModel(),
      network,
      parameters: initialiseParameters(network, 0),
      classes: ['no', 'yes'],
      output: 'sigmoid' as const,
      preprocessing: { scale: [1], offset: [0] },
    };
    model.parameters.get('predictions/kernel').data.fill(1);
    const seed = [1, 2, 3, 4, 5].find(
      (one) => initialiseParameters(network, one).get('predictions/kernel').data[0] > 0,
    )!;
    await withExecutor(async (executor) => {
      const yes = targets.map((one) => ({ ...one, classIndex: 1 }));
      const { check } = await checkByRandomisation(model, yes, { method: 'gradcam' }, seed, {
        executor,
        images,
      });
      expect(check.verdict).toBe('failed');
      expect(check.steps.at(-1)!.spearman).toBeCloseTo(1, 6);
      expect(check.sentence).toMatch(/must not be read as an explanation/);
    });
  });

  it('says so where there is no map to check', async () => {
    const model = smallModel();
    model.parameters.get('predictions/kernel').data.fill(0);
    await withExecutor(async (executor) => {
      const { check } = await checkByRandomisation(model, targets, { method: 'gradcam' }, 3, {
        executor,
        images,
      });
      expect(check.verdict).toBe('no-map');
    });
  });
});

describe('a map over the image as it is stored', () => {
  /** 4 × 4 cells with one that is 1. */
  const spot = (row: number, column: number) => ({
    rows: 4,
    columns: 4,
    values: Float32Array.from({ length: 16 }, (_, at) => (at === row * 4 + column ? 1 : 0)),
  });
  const largestAt = ({ values, columns }: { values: Float32Array; columns: number }): [number, number] => {
    const at = values.indexOf(Math.max(...values));
    return [Math.floor(at / columns), at % columns];
  };

  it('leaves out the black of a letterbox', () => {
    // 20 rows × 40 columns in a square of 16: four rows of black above and below.
    const wide = { rows: 20, columns: 40, pixelAspect: 1 };
    const map = overImage(spot(1, 3), wide, { height: 16, width: 16, resize: 'letterbox' }, true);
    expect([map.rows, map.columns]).toEqual([20, 40]);
    expect(map.seen).toEqual({ top: 0, left: 0, height: 20, width: 40 });
    const [row, column] = largestAt(map);
    // The second of four rows of cells is the upper half of what is left of the image.
    expect(row).toBeLessThan(10);
    expect(column).toBeGreaterThan(29);
    const black = overImage(spot(0, 0), wide, { height: 16, width: 16, resize: 'letterbox' }, true);
    const [top] = largestAt(black);
    expect(top).toBe(0);
  });

  it('covers only what a crop has left', () => {
    const map = overImage(
      spot(0, 0),
      { rows: 20, columns: 40, pixelAspect: 1 },
      { height: 16, width: 16, resize: 'crop' },
      true,
    );
    expect(map.seen).toEqual({ top: 0, left: 10, height: 20, width: 20 });
    expect([map.rows, map.columns]).toEqual([20, 20]);
  });

  it('takes at most 256 values on the longer side where it is to be looked at', () => {
    const map = overImage(
      spot(2, 2),
      { rows: 2048, columns: 1024, pixelAspect: 1 },
      { height: 16, width: 16, resize: 'stretch' },
    );
    expect([map.rows, map.columns]).toEqual([256, 128]);
    expect(Math.max(...map.values)).toBe(1);
  });
});
