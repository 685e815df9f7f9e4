import type { Paint, Series } from './scene.ts';
import { SERIES } from './scene.ts';

/**
 * Colours of each role on paper. Those of data are Okabe and Ito's (2008, Color Universal Design), darkened until each has at least 3 : 1 against
 * white (WCAG 2.2, 1.4.11), and a violet; each pair is told apart with any of the three kinds of colour blindness (simulated by Machado et al. 2009,
 * at least 10 units of CIELAB apart). None is needed to read a chart: each series has a dash and a marker of its own as well, and is named.
 */
export const LIGHT: Record<Paint, string> = {
  ink: '#1c2430',
  soft: '#566173',
  line: '#d9dee6',
  paper: '#ffffff',
  heat: '#0b6e8f',
  'series-0': '#0072b2',
  'series-1': '#d55e00',
  'series-2': '#008060',
  'series-3': '#a04a87',
  'series-4': '#1a1a1a',
  'series-5': '#7a1fd6',
};

/** The same roles on a dark ground, lightened in the same way; yellow, which no white page can show, stands in for black. */
export const DARK: Record<Paint, string> = {
  ink: '#e4e8ee',
  soft: '#a3aebd',
  line: '#333c48',
  paper: '#161b22',
  heat: '#5cc3e4',
  'series-0': '#56b4e9',
  'series-1': '#ff9750',
  'series-2': '#3fd1a4',
  'series-3': '#e39ccb',
  'series-4': '#f0e442',
  'series-5': '#8f63ff',
};

/** Dashes by series, in points: readable in grey, and on a copy of a copy. */
export const DASHES: Record<Series, readonly number[]> = {
  'series-0': [],
  'series-1': [6, 2.5],
  'series-2': [1.5, 2.5],
  'series-3': [8, 2.5, 1.5, 2.5],
  'series-4': [3.5, 2],
  'series-5': [11, 3],
};

/** The role of the n-th series; after the sixth they begin again. */
export const seriesOf = (index: number): Series => SERIES[index % SERIES.length];
