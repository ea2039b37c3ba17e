const DAY_MS = 86_400_000;

/** `today 14:02`, `yesterday`, `3 May`: as near as people speak of it. */
export function formatMoment(at: string, now: number, locale: string): string {
  const then = new Date(at);
  const days = daysBetween(then, new Date(now));
  const clock = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit' }).format(then);
  if (days === 0) return clock;
  if (days === 1) return `${formatDay(at, now, locale)}, ${clock}`;
  return formatDay(at, now, locale);
}

/** Without the time of day. */
export function formatDay(at: string, now: number, locale: string): string {
  const then = new Date(at);
  const today = new Date(now);
  const days = daysBetween(then, today);
  if (days === 0 || days === 1) {
    return new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(-days, 'day');
  }
  const year = then.getFullYear() === today.getFullYear() ? {} : ({ year: 'numeric' } as const);
  return new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', ...year }).format(then);
}

export function formatFull(at: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeStyle: 'medium' }).format(new Date(at));
}

/** `9:41`. */
export function formatCountdown(seconds: number, locale: string): string {
  const whole = Math.max(0, Math.ceil(seconds));
  const pair = new Intl.NumberFormat(locale, { minimumIntegerDigits: 2 });
  const minutes = new Intl.NumberFormat(locale).format(Math.floor(whole / 60));
  return `${minutes}:${pair.format(whole % 60)}`;
}

/** A duration that does not jump: steps grow with its length. */
export function calmDuration(seconds: number): {
  unit: 'moment' | 'second' | 'minute' | 'hour';
  count: number;
} {
  if (seconds < 5) return { unit: 'moment', count: 0 };
  if (seconds <= 55) return { unit: 'second', count: Math.ceil(seconds / 10) * 10 };
  if (seconds < 55 * 60) return { unit: 'minute', count: Math.max(1, Math.round(seconds / 60)) };
  return { unit: 'hour', count: Math.max(1, Math.round(seconds / 3600)) };
}

function daysBetween(then: Date, now: Date): number {
  const midnight = (date: Date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
  return Math.round((midnight(now) - midnight(then)) / DAY_MS);
}
