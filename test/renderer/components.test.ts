import { render, screen } from '@testing-library/svelte';
import { tick } from 'svelte';
import { describe, expect, it, vi } from 'vitest';
import { GraftError } from '../../src-main/contract/errors.ts';
import LineChart from '../../src-renderer/charts/LineChart.svelte';
import ScatterChart from '../../src-renderer/charts/ScatterChart.svelte';
import Confusion from '../../src-renderer/screens/evaluate/Confusion.svelte';
import ErrorNote from '../../src-renderer/ui/ErrorNote.svelte';
import JobProgress from '../../src-renderer/ui/JobProgress.svelte';

describe('an error', () => {
  it('is one sentence, with its cause behind a fold', () => {
    const error = new GraftError('disk-full', 'The disk is full.', { cause: new Error('ENOSPC') });
    render(ErrorNote, { error });
    expect(screen.getByRole('alert').textContent).toContain('The disk is full.');
    const fold = screen.getByText('Technical details').closest('details')!;
    expect(fold.open).toBe(false);
    expect(fold.textContent).toContain('disk-full');
  });
});

describe('progress', () => {
  it('says how much is done, how fast, and how long it will take', () => {
    render(JobProgress, {
      title: 'Import',
      progress: {
        phase: 'Reading headers',
        done: 1500,
        total: 3000,
        unit: 'files',
        rate: 250,
        secondsLeft: 6,
        detail: '2 refused',
      },
    });
    const bar = screen.getByRole('progressbar', { name: 'Import' });
    expect(bar.getAttribute('aria-valuenow')).toBe('50');
    const text = document.body.textContent!.replace(/\s+/g, ' ');
    expect(text).toContain('Reading headers · 2 refused');
    expect(text).toContain('1,500 of 3,000 files · 250 a second · 6 s left');
  });

  it('says of what is slow how long one of it takes', () => {
    const progress = {
      phase: 'Fold 2 of 5',
      done: 3,
      total: 20,
      unit: 'trainings',
      rate: 0.05,
      secondsLeft: 340,
    };
    render(JobProgress, { title: 'Cross-validation', progress });
    expect(document.body.textContent!.replace(/\s+/g, ' ')).toContain(
      '3 of 20 trainings · 20 s each · 5 min 40 s left',
    );
  });

  it('has no share while nobody knows how much there is', () => {
    render(JobProgress, { title: 'Search', progress: null });
    expect(screen.getByRole('progressbar').hasAttribute('aria-valuenow')).toBe(false);
    expect(screen.getByText('Waiting for its turn …')).toBeTruthy();
  });
});

describe('a chart of lines', () => {
  it('says in words what it draws, and shows the numbers as a table when asked', async () => {
    render(LineChart, {
      title: 'Loss',
      xLabel: 'epoch',
      series: [
        {
          name: 'validation',
          color: 1,
          points: [
            [1, 0.9],
            [2, 0.5],
          ],
        },
      ],
    });
    expect(screen.getByRole('img').getAttribute('aria-label')).toBe('Loss. validation: from 0.9 to 0.5');
    expect(document.querySelectorAll('tbody tr')).toHaveLength(0);
    const fold = screen.getByText('As a table').closest('details')!;
    fold.open = true;
    fold.dispatchEvent(new Event('toggle'));
    await tick();
    expect(document.querySelectorAll('tbody tr')).toHaveLength(2);
  });

  it('draws in the colours and dashes of the window, with names as text', () => {
    render(LineChart, {
      title: 'Loss',
      xLabel: 'epoch',
      series: [{ name: '<b>', color: 2, dash: '5 3', points: [[1, 0.9], [2, 0.5]] }], // prettier-ignore
      dots: [{ x: 1, y: 0.9, label: '<i>', color: 1 }],
    });
    const line = screen.getByRole('img').querySelector('path')!;
    expect(line.namespaceURI).toBe('http://www.w3.org/2000/svg');
    expect(line.getAttribute('stroke')).toBe('var(--chart-2)');
    expect(line.getAttribute('stroke-dasharray')).toBe('5 3');
    expect(document.querySelector('b, i')).toBeNull();
    expect(screen.getByText('<i>').tagName).toBe('text');
    expect(screen.getByText('epoch', { selector: 'text' })).toBeTruthy();
  });

  it('says that there is nothing to draw', () => {
    render(LineChart, { title: 'Loss', xLabel: 'epoch', series: [{ name: 'a', color: 1, points: [] }] });
    expect(screen.getByText('Nothing to draw yet.')).toBeTruthy();
  });
});

describe('a chart of dots', () => {
  it('reads out the dot that the pointer is at', async () => {
    const dot = { x: 1, y: 0.5, error: null, marked: false, label: 'Trial 1: 0.500' };
    render(ScatterChart, { title: 'Trials', xLabel: 'rate', yLabel: 'F1', dots: [dot] });
    const target = screen.getByRole('img', { name: 'Trials' }).querySelector('circle:has(title)')!;
    target.dispatchEvent(new Event('pointerenter'));
    await tick();
    expect(screen.getByText('Trial 1: 0.500', { selector: 'span' })).toBeTruthy();
  });
});

describe('a confusion matrix', () => {
  it('has a button for each cell with images, which says what is in it', async () => {
    const onchoose = vi.fn();
    render(Confusion, {
      classes: ['no', 'yes'],
      counts: [
        [7, 1],
        [0, 4],
      ],
      chosen: null,
      onchoose,
    });
    screen.getByRole('button', { name: /^1 images of no called yes/ }).click();
    await tick();
    expect(onchoose).toHaveBeenCalledWith({ label: 0, predicted: 1 });
    expect(screen.getByRole('button', { name: /^0 images of yes called no/ })).toHaveProperty(
      'disabled',
      true,
    );
  });
});
