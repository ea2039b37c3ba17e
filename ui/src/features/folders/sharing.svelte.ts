/** The sheet that shares a folder, while it is open: with whom it begins. */
class Sharing {
  open = $state.raw<{ people: string[] } | null>(null);

  with(...contacts: string[]): void {
    this.open = { people: contacts };
  }

  close(): void {
    this.open = null;
  }
}

export const sharing = new Sharing();

/** What is in many folders and is of use to nobody else: offered before a folder is shared. */
export const USUAL_RULES = ['.DS_Store', 'Thumbs.db', 'desktop.ini', '~$*', '*.tmp'];

export function linesOf(text: string): string[] {
  const lines = text.split('\n').map((it) => it.trimEnd());
  return [...new Set(lines.filter((it) => it !== ''))];
}
