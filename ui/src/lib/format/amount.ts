const STEPS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte', 'petabyte'] as const;

/** `1.2 GB`: decimal units, as disks and networks count. */
export function formatBytes(bytes: number, locale: string): string {
  const step = stepOf(bytes);
  return inStep(bytes, step, locale, STEPS[step]);
}

/** `112 MB/s`. */
export function formatRate(bytesPerSecond: number, locale: string): string {
  const step = stepOf(bytesPerSecond);
  return inStep(bytesPerSecond, step, locale, `${STEPS[step]}-per-second`);
}

/** `620` and `1,000 MB`: the part in the unit of the whole, so that both compare at a glance. */
export function formatPart(part: number, whole: number, locale: string): { part: string; whole: string } {
  const step = stepOf(whole, 10_000);
  return { part: inStep(part, step, locale), whole: inStep(whole, step, locale, STEPS[step]) };
}

export function formatPercent(part: number, whole: number, locale: string): string {
  return numbers(locale, { style: 'percent' }).format(share(part, whole));
}

/** Of what is not done yet: rounded down and never whole, however many bytes are there. */
export function share(part: number, whole: number): number {
  if (whole <= 0) return 0;
  return Math.min(0.99, Math.floor((part / whole) * 100) / 100);
}

/** `620 of 1,000 MB` reads better than `0.6 of 1 GB`: a part may have more digits. */
function stepOf(bytes: number, limit = 1000): number {
  let step = 0;
  while (bytes >= limit * 1000 ** step && step < STEPS.length - 1) step += 1;
  return step;
}

function inStep(bytes: number, step: number, locale: string, unit?: string): string {
  const value = bytes / 1000 ** step;
  const digits = value < 10 && step > 0 ? 1 : 0;
  const style: Intl.NumberFormatOptions = unit
    ? { style: 'unit', unit, unitDisplay: unit === 'byte' ? 'long' : 'short' }
    : {};
  return numbers(locale, { ...style, maximumFractionDigits: digits }).format(value);
}

const cache = new Map<string, Intl.NumberFormat>();

function numbers(locale: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = locale + JSON.stringify(options);
  const known = cache.get(key);
  if (known) return known;
  const made = new Intl.NumberFormat(locale, options);
  cache.set(key, made);
  return made;
}

const BINARY_STEPS = ['MiB', 'GiB', 'TiB'] as const;

/** `10 GiB`: limits that a program counts in powers of two. */
export function formatBinary(bytes: number, locale: string): string {
  let value = bytes / 1024 ** 2;
  let step = 0;
  while (value >= 1024 && step < BINARY_STEPS.length - 1) {
    value /= 1024;
    step += 1;
  }
  return `${numbers(locale, { maximumFractionDigits: 1 }).format(value)} ${BINARY_STEPS[step]}`;
}
