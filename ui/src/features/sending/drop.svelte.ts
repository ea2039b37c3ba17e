import type { Drag } from '../../lib/backend/backend';
import type { Session } from '../../lib/state/session.svelte';
import type { Recipient, Sending } from './sending.svelte';

/** Files that hang over the window: which card is under them. */
export class DropWatch {
  over = $state(false);
  /** The key of the card under the pointer. */
  target = $state<string | null>(null);
  #recipients = new Map<string, () => Recipient[]>();

  /** Makes a card a place to drop on, for as long as it is shown. */
  accept(key: string, recipients: () => Recipient[]): () => void {
    this.#recipients.set(key, recipients);
    return () => this.#recipients.delete(key);
  }

  watch(session: Session, sending: Sending): () => void {
    return session.backend.host.watchDrags((drag) => this.#hear(drag, sending));
  }

  #hear(drag: Drag, sending: Sending): void {
    if (drag.drag === 'left') {
      this.#leave();
      return;
    }
    this.over = true;
    this.target = cardAt(drag.x, drag.y);
    if (drag.drag !== 'dropped') return;
    const to = this.#recipients.get(this.target ?? '')?.() ?? [];
    sending.prepare({ kind: 'files', picked: drag.picked }, to);
    this.#leave();
  }

  #leave(): void {
    this.over = false;
    this.target = null;
  }
}

export const drops = new DropWatch();

function cardAt(x: number, y: number): string | null {
  const card = document.elementFromPoint(x, y)?.closest<HTMLElement>('[data-drop]');
  return card?.dataset['drop'] ?? null;
}
