import { LOCALES, preferredLocale, words, type Locale } from '../i18n/words.svelte';

export type Theme = 'system' | 'light' | 'dark';
export const THEMES: readonly Theme[] = ['system', 'light', 'dark'];

const KEY = 'wherry.appearance';

/** How the window looks and speaks; kept by the window itself, since it is about no transfer. */
class Preferences {
  theme = $state<Theme>('system');
  locale = $state<Locale | 'system'>('system');
  #dark = matchMedia('(prefers-color-scheme: dark)');

  async begin(): Promise<void> {
    const query = new URLSearchParams(location.search);
    const kept = remembered();
    this.theme = oneOf(THEMES, query.get('theme')) ?? oneOf(THEMES, kept.theme) ?? 'system';
    this.locale = oneOf(LOCALES, query.get('locale')) ?? oneOf(LOCALES, kept.locale) ?? 'system';
    this.#dark.addEventListener('change', () => this.#showTheme());
    this.#showTheme();
    await this.#speak();
  }

  setTheme(theme: Theme): void {
    this.theme = theme;
    this.#showTheme();
    this.#remember();
  }

  async setLocale(locale: Locale | 'system'): Promise<void> {
    this.locale = locale;
    this.#remember();
    await this.#speak();
  }

  async #speak(): Promise<void> {
    const locale = this.locale === 'system' ? preferredLocale(navigator.languages) : this.locale;
    await words.speak(locale);
    document.documentElement.lang = locale;
    document.documentElement.dir = words.direction;
  }

  #showTheme(): void {
    const dark = this.theme === 'dark' || (this.theme === 'system' && this.#dark.matches);
    document.documentElement.dataset['theme'] = dark ? 'dark' : 'light';
  }

  #remember(): void {
    localStorage.setItem(KEY, JSON.stringify({ theme: this.theme, locale: this.locale }));
  }
}

export const preferences = new Preferences();

function remembered(): { theme?: string; locale?: string } {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? '{}') ?? {};
  } catch {
    return {};
  }
}

function oneOf<T extends string>(all: readonly T[], wanted: string | null | undefined): T | undefined {
  return all.find((it) => it === wanted);
}
