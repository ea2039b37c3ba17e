import type { Picked } from '../../lib/backend/backend';
import type { SendOptions } from '../../lib/backend/contract';
import type { Session } from '../../lib/state/session.svelte';

export const UNDO_MS = 1500;
/** A person is here to decide what becomes of what will not arrive as it is. */
const OPTIONS: SendOptions = { on_problem: 'ask' };

export interface Recipient {
  id: string;
  name: string;
  online: boolean;
}

export type Cargo = { kind: 'files'; picked: Picked } | { kind: 'text'; text: string };

/** What was let go and does not move yet: for a moment it can be taken back. */
export interface Prepared {
  cargo: Cargo;
  to: Recipient[];
}

/** Everything that is sent goes through here: dropped, picked, pasted or typed. */
export class Sending {
  prepared = $state.raw<Prepared | null>(null);
  /** Who gets a text that is being written. */
  writingTo = $state.raw<Recipient[] | null>(null);
  /** What was dropped beside everybody, pasted or handed over: somebody chooses to whom. */
  unaddressed = $state.raw<Cargo | null>(null);
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly session: Session) {}

  async pickFiles(to: Recipient[]): Promise<void> {
    const picked = await this.session.attempt(() => this.session.backend.host.pickFiles());
    if (picked) this.prepare({ kind: 'files', picked }, to);
  }

  async pickFolder(to: Recipient[]): Promise<void> {
    const picked = await this.session.attempt(() => this.session.backend.host.pickFolderToSend());
    if (picked) this.prepare({ kind: 'files', picked }, to);
  }

  async paste(event: ClipboardEvent, to: Recipient[]): Promise<void> {
    const picked = await this.session.attempt(() => this.session.backend.host.pasteFiles(event));
    const text = event.clipboardData?.getData('text/plain') ?? '';
    if (picked) this.prepare({ kind: 'files', picked }, to);
    else if (text !== '') this.prepare({ kind: 'text', text }, to);
  }

  prepare(cargo: Cargo, to: Recipient[]): void {
    if (to.length === 0) {
      this.unaddressed = cargo;
      return;
    }
    if (this.prepared) void this.#send();
    this.prepared = { cargo, to };
    this.resume();
  }

  /** Holds the moment while somebody points at it. */
  hold(): void {
    clearTimeout(this.#timer);
  }

  resume(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#send(), UNDO_MS);
  }

  undo(): void {
    clearTimeout(this.#timer);
    this.prepared = null;
  }

  async #send(): Promise<void> {
    const prepared = this.prepared;
    clearTimeout(this.#timer);
    this.prepared = null;
    if (!prepared) return;
    const { cargo, to } = prepared;
    const recipients = to.map((it) => it.id);
    if (cargo.kind === 'files') {
      await this.session.attempt(() => this.session.backend.host.send(cargo.picked, recipients, OPTIONS));
      await this.session.refresh('transfers');
    } else {
      const sources = { text: cargo.text };
      const command = { command: 'send', action: 'to_contacts', recipients, sources, options: {} } as const;
      await this.session.ask(command, 'transfers');
    }
  }
}
