import { describe, expect, it } from 'vitest';
import type { LearnedPoint, LearningCurveReport } from '../../src-main/contract/learning-curve.ts';
import type { ReportModel } from '../../src-main/contract/report.ts';
import { planStudy, studentInterval } from '../../src-main/evaluation/planning/index.ts';
import { csvTables, renderHtml } from '../../src-main/reports/index.ts';
import { reportSchema } from '../../src-main/reports/schema/report-schema.ts';
import { reportFixture } from './fixture.ts';

/** Scores on a power law, three trainings of each number of patients around it. */
function curveReport(numbers: readonly number[], ceiling = 0.9): ReportModel {
  const points = numbers.map((patients): LearnedPoint => {
    const scores = [-0.02, 0.005, 0.015].map((apart) => ceiling - 1.2 * patients ** -0.5 + apart);
    const mean = scores.reduce((sum, score) => sum + score, 0) / 3;
    return {
      share: patients / 200,
      patients,
      images: 3 * patients,
      scores,
      mean,
      range: studentInterval(scores),
    };
  });
  const scores = points.flatMap(({ patients, scores: of }) => of.map((score) => ({ patients, score })));
  const learningCurve: LearningCurveReport = {
    sweepId: 1,
    splitId: 1,
    state: 'done',
    metric: 'val_balanced_accuracy',
    createdAt: '2026-01-01T00:00:00Z',
    judgedBy: 40,
    done: scores.length,
    trainings: scores.length,
    points,
    curve: planStudy({ points: scores }).curve,
  };
  return { ...reportFixture(), learningCurve };
}

describe('a learning curve in a report', () => {
  it('says where it levels off and what more patients would give, as numbers too', () => {
    const model = curveReport([20, 40, 80, 140, 200]);
    const page = renderHtml(model);
    expect(page).toContain('trained 15 times on shares of the training patients');
    expect(page).toMatch(/levels off at 0\.9\d \(± 0\.\d\d\); 600 patients of the same kind instead of 200/);
    expect(page).toContain('Balanced accuracy on validation by training patients');
    expect(reportSchema.parse(model)).toHaveProperty('learningCurve.points.length', 5);
    const table = csvTables(model).find(({ name }) => name === 'learning_curve')!;
    expect(table.rows).toHaveLength(15);
    expect(table.rows[0].slice(0, 4)).toEqual(['val_balanced_accuracy', 0.1, 20, 60]);
  });

  it('names no score that cannot be, where scores still rise steeply', () => {
    const model = curveReport([10, 15, 20, 30], 1.05);
    const { ceiling, points } = model.learningCurve!.curve!;
    expect(ceiling).toBeGreaterThan(1);
    for (const { score, low, high } of points) {
      expect(score).toBeLessThanOrEqual(1);
      expect(low).toBeLessThanOrEqual(score);
      expect(high).toBeGreaterThanOrEqual(score);
    }
    const page = renderHtml(model);
    expect(page).toContain(
      'cannot be told yet, as these scores rise as if they went on beyond 1; 90 patients',
    );
    expect(page).not.toContain('levels off at 1');
  });

  it('says that none is to be told of too few numbers of patients', () => {
    expect(renderHtml(curveReport([20, 40, 80]))).toContain('No curve is to be told');
  });

  it('is left out where none was trained', () => {
    expect(renderHtml(reportFixture())).not.toContain('Learning curve');
  });
});
