import { FluentBundle, FluentResource, type FluentVariable } from '@fluent/bundle';

import { partsOf, shortened, withoutSteering, type Part } from './parts';

export const LOCALES = ['en', 'de', 'ar'] as const;
export type Locale = (typeof LOCALES)[number];
export type Args = Record<string, string | number>;

const files = import.meta.glob<string>('./locales/*/*.ftl', { query: '?raw', import: 'default' });
const RIGHT_TO_LEFT: readonly Locale[] = ['ar'];

class Words {
  #bundle = $state.raw(new FluentBundle('en'));
  locale = $state<Locale>('en');
  /** What numbers and dates are written by: the person's own region, if they read this language. */
  figures = $derived(regionOf(this.locale));
  direction = $derived(RIGHT_TO_LEFT.includes(this.locale) ? 'rtl' : 'ltr');

  async speak(locale: Locale): Promise<void> {
    const bundle = new FluentBundle(regionOf(locale));
    const own = Object.entries(files).filter(([path]) => path.startsWith(`./locales/${locale}/`));
    for (const text of await Promise.all(own.map(([, load]) => load()))) {
      bundle.addResource(new FluentResource(text));
    }
    this.#bundle = bundle;
    this.locale = locale;
  }

  has(key: string): boolean {
    return this.#bundle.hasMessage(key);
  }

  text(key: string, args: Args = {}): string {
    const pattern = this.#bundle.getMessage(key)?.value;
    if (!pattern) {
      console.error(`there are no words for ${key}`);
      return key;
    }
    return this.#bundle.formatPattern(pattern, cleaned(args), []);
  }
}

export const words = new Words();

/** The words for `key`, for attributes and other plain text. */
export function t(key: string, args?: Args): string {
  return words.text(key, args);
}

/** The words for `key` with names kept apart, for `Said.svelte`. */
export function said(key: string, args?: Args): Part[] {
  return partsOf(words.text(key, args));
}

/** Somebody's name for `problem-*` messages, which also know how to speak without one. */
export function named(name: string | null): Args {
  return { name: name ?? '', known: name ? 'yes' : 'no' };
}

/** The first of the person's languages that we speak. */
export function preferredLocale(wanted: readonly string[]): Locale {
  for (const tag of wanted) {
    const known = LOCALES.find((locale) => tag.toLowerCase().split('-')[0] === locale);
    if (known) return known;
  }
  return 'en';
}

function regionOf(locale: Locale): string {
  const own = (globalThis.navigator?.languages ?? []).find((tag) =>
    tag.toLowerCase().startsWith(`${locale}-`),
  );
  return own ?? (locale === 'en' ? 'en-GB' : locale);
}

function cleaned(args: Args): Record<string, FluentVariable> {
  const entries = Object.entries(args);
  return Object.fromEntries(
    entries.map(([name, value]) => [
      name,
      typeof value === 'string' ? shortened(withoutSteering(value)) : value,
    ]),
  );
}
