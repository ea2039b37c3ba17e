import type { List } from './reduce';

/**
 * Asks for lists one turn after the other: what is wanted while one is read is read after it, and only once. So an
 * older answer never overtakes a younger one, however many events want the same list.
 */
export class Reading {
  #wanted = new Set<List>();
  #under = new Set<List>();
  #turns: Promise<void> | null = null;

  constructor(readonly read: (lists: Set<List>) => Promise<void>) {}

  /** Resolves when all of `lists` were read after this was asked. */
  want(...lists: List[]): Promise<void> {
    lists.forEach((it) => this.#wanted.add(it));
    if (this.#wanted.size === 0) return Promise.resolve();
    this.#turns ??= this.#take();
    return this.#turns;
  }

  /** Reads again those of `lists` that are being read just now: their answer may be older than what was told since. */
  overtaken(lists: List[]): void {
    void this.want(...lists.filter((it) => this.#under.has(it)));
  }

  async #take(): Promise<void> {
    try {
      while (this.#wanted.size > 0) {
        this.#under = this.#wanted;
        this.#wanted = new Set();
        await this.read(this.#under);
      }
    } finally {
      this.#under = new Set();
      this.#turns = null;
    }
  }
}
