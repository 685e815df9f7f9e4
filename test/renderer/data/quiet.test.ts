import { fireEvent, render, screen } from '@testing-library/svelte';
import { beforeEach, describe, expect, it } from 'vitest';
import DataScreen from '../../../src-renderer/screens/data/DataScreen.svelte';
import { overview, patients, standIn } from './bridge.ts';

beforeEach(() => localStorage.clear());

/** As a real answer does, it comes in a later turn: a screen that asks for ever fails here and does not hang. */
const later =
  <Input, Output>(answer: (input: Input) => Output) =>
  (input: Input): Promise<Output> =>
    new Promise((resolve) => setTimeout(() => resolve(answer(input)), 1));
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 150));

describe('the Data screen', () => {
  it('asks for what it shows, and then is quiet', async () => {
    const { asked } = standIn({
      'data.browse': later(patients(50)),
      'data.overview': later(() => ({ ...overview })),
    });
    render(DataScreen);
    await settled();
    const names = asked.map(({ name }) => name);
    expect(names.filter((name) => name === 'data.overview')).toHaveLength(1);
    // Once, and once more when it is known which columns have something in them.
    expect(names.filter((name) => name === 'data.browse')).toHaveLength(2);
    await fireEvent.click(screen.getByRole('row', { name: /P-3\b/ }));
    await settled();
    expect(asked).toHaveLength(names.length + 1);
    expect(screen.getByRole('row', { name: /P-3\b/ }).getAttribute('aria-expanded')).toBe('true');
  });
});
