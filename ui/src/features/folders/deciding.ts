import { answer, type Backend } from '../../lib/backend/backend';
import type { ConflictChoice, ConflictSide, ConflictView, FolderAction } from '../../lib/backend/contract';

/** The two files of a conflict: what lies at the path, and what was kept beside it. */
export type SideName = 'present' | 'kept';

/** One's own side first. */
export function sidesOf(conflict: ConflictView): SideName[] {
  return conflict.kept.this && !conflict.present.this ? ['kept', 'present'] : ['present', 'kept'];
}

export function choiceOf(side: SideName): ConflictChoice {
  return side === 'present' ? 'present' : 'copy';
}

export function titleOf(side: ConflictSide, name: SideName): { key: string; args: { name: string } } {
  if (side.this) return { key: 'side-yours', args: { name: '' } };
  return side.by ? { key: 'side-of', args: { name: side.by } } : { key: `side-${name}`, args: { name: '' } };
}

export function keepWords(side: ConflictSide, name: SideName): { key: string; args: { name: string } } {
  if (side.this) return { key: 'keep-mine', args: { name: '' } };
  return side.by
    ? { key: 'keep-theirs', args: { name: side.by } }
    : { key: `keep-${name}`, args: { name: '' } };
}

/** How another conflict ends if the same is to be done: by whose version is kept, not by where it lies. */
export function sameFor(
  model: ConflictView,
  kept: SideName | 'both',
  other: ConflictView,
): ConflictChoice | null {
  if (kept === 'both') return 'both';
  const wanted = model[kept];
  const fits = (name: SideName) =>
    wanted.this ? other[name].this : !other[name].this && wanted.by !== null && other[name].by === wanted.by;
  const sides = (['present', 'kept'] as const).filter(fits);
  return sides.length === 1 && sides[0] ? choiceOf(sides[0]) : null;
}

/** What was decided, so that it can be taken back. */
export interface Decision {
  conflict: ConflictView;
  choice: ConflictChoice;
}

export function decisionsFor(
  all: ConflictView[],
  chosen: ConflictView,
  kept: SideName | 'both',
  forAll: boolean,
): Decision[] {
  const own = { conflict: chosen, choice: kept === 'both' ? 'both' : choiceOf(kept) } as const;
  if (!forAll) return [own];
  const others = all.flatMap((conflict) => {
    const choice = conflict === chosen ? null : sameFor(chosen, kept, conflict);
    return choice ? [{ conflict, choice }] : [];
  });
  return [own, ...others];
}

const TRIES = 50;
const PAUSE_MS = 100;

/** Puts files of a folder in order, as `Conflicts.svelte` asks for it. */
export class Deciding {
  constructor(
    readonly backend: Backend,
    readonly folder: string,
  ) {}

  async decide(decisions: Decision[]): Promise<void> {
    for (const { conflict, choice } of decisions) {
      await this.#ask({ wish: 'decide', copy: conflict.copy, choice });
    }
  }

  /** Brings back what was not kept: afterwards both files are there, each at its place, and no conflict any more. */
  async undo(decisions: Decision[]): Promise<void> {
    for (const { conflict, choice } of decisions) {
      if (choice === 'present') await this.#restore(conflict.copy, null);
      if (choice === 'copy') await this.#swapBack(conflict);
    }
  }

  /** The path gets its file back; the one that had taken its place goes beside it again. */
  async #swapBack({ path, copy }: ConflictView): Promise<void> {
    const before = await this.#latest(path);
    await this.#restore(path, null);
    for (let tries = 0; tries < TRIES; tries += 1) {
      const latest = await this.#latest(path);
      if (latest !== null && latest !== before) return this.#restore(latest, copy);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }

  async #latest(path: string): Promise<string | null> {
    const command = this.#command({ wish: 'versions' });
    const { versions } = await answer(this.backend, command, 'folder_versions');
    const own = versions.filter((it) => it.path === path);
    return own.sort((one, other) => other.replaced_ms - one.replaced_ms)[0]?.version ?? null;
  }

  #restore(version: string, to: string | null): Promise<void> {
    return this.#ask({ wish: 'restore', version, to });
  }

  async #ask(wish: FolderAction): Promise<void> {
    await this.backend.ask(this.#command(wish));
  }

  #command(wish: FolderAction) {
    return { command: 'folder', action: 'inside', folder: this.folder, wish } as const;
  }
}
