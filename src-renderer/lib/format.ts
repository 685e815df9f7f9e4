const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

/** 12,345 */
export const count = (value: number): string => whole.format(value);

/** 23.5M */
export const short = (value: number): string => compact.format(value);

/** "1 image", "3 images" */
export const plural = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`;

/** 0.734 → "73.4 %" */
export const percent = (share: number, digits = 1): string => `${(share * 100).toFixed(digits)} %`;

/** Seconds as a person says them: "under a second", "42 s", "3 min 05 s", "2 h 10 min". */
export function duration(seconds: number): string {
  if (seconds < 1) return 'under a second';
  const rounded = Math.round(seconds);
  if (rounded < 60) return `${rounded} s`;
  const pad = (value: number): string => String(value).padStart(2, '0');
  if (rounded < 3600) return `${Math.floor(rounded / 60)} min ${pad(rounded % 60)} s`;
  return `${Math.floor(rounded / 3600)} h ${pad(Math.floor((rounded % 3600) / 60))} min`;
}

/** 3.6 GFLOP: floating-point operations. */
export function operations(value: number): string {
  const units = ['', 'k', 'M', 'G', 'T'];
  const step = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, value)) / 3)));
  return `${(value / 1000 ** step).toFixed(1)} ${units[step]}FLOP`;
}

/** 1.4 MB */
export function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const step = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, value)) / 3)));
  const scaled = value / 1000 ** step;
  return `${scaled.toFixed(step === 0 || scaled >= 100 ? 0 : 1)} ${units[step]}`;
}

const dateTime = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });

/** ISO 8601 → "21 Nov 2026, 14:05" in this machine's time zone. */
export const when = (iso: string): string => dateTime.format(new Date(iso));
