import {
  answer,
  type AnyCommand,
  type AnyReply,
  type Backend,
  type HostFacts,
  type Picked,
} from '../backend/backend';
import type { CommandError, ErrorCode } from '../backend/contract';
import { outdated, reduce, type List } from './reduce';
import { readLists, readOffers } from './snapshot';
import { EMPTY, isOffer, type State } from './state';

const LISTS: List[] = ['contacts', 'groups', 'devices', 'nearby', 'transfers', 'past', 'settings'];

/** What the window knows: a snapshot, then changes. */
export class Session {
  state = $state.raw<State>(EMPTY);
  facts = $state.raw<HostFacts | null>(null);

  constructor(readonly backend: Backend) {}

  async begin(): Promise<void> {
    this.backend.listen((event) => {
      this.state = reduce(this.state, event, this.now());
      void this.refresh(...outdated(event));
    });
    this.facts = await this.backend.host.facts();
    if (!this.facts.firstRun) this.#goOnline();
    await Promise.all([this.#readStatus(), this.refresh(...LISTS)]);
  }

  /** Asks, and says in words what went wrong. */
  async ask(command: AnyCommand, ...thenRead: List[]): Promise<AnyReply | null> {
    return this.attempt(async () => {
      const reply = await this.backend.ask(command);
      await this.refresh(...thenRead);
      return reply;
    });
  }

  /** Runs what may be refused by the engine or the system. */
  async attempt<T>(run: () => Promise<T>): Promise<T | null> {
    try {
      return await run();
    } catch (error) {
      this.tell(codeOf(error));
      return null;
    }
  }

  tell(code: ErrorCode): void {
    this.state = { ...this.state, notices: [...this.state.notices, { notice: 'failed', code }] };
  }

  async refresh(...lists: List[]): Promise<void> {
    if (lists.length === 0) return;
    const read = await readLists(this.backend, new Set(lists));
    this.state = {
      ...this.state,
      ...read,
      people: { ...this.state.people, ...read.people },
    };
    if (lists.includes('transfers')) await this.#readOffers();
  }

  async finishFirstRun(name: string, folder: string): Promise<void> {
    await this.attempt(() => this.backend.host.finishFirstRun({ name, folder }));
    this.facts = await this.backend.host.facts();
    this.#goOnline();
    await Promise.all([this.#readStatus(), this.refresh(...LISTS)]);
  }

  dismissNotice(index: number): void {
    this.state = { ...this.state, notices: this.state.notices.filter((_, at) => at !== index) };
  }

  dismissText(transfer: string): void {
    this.state = { ...this.state, texts: this.state.texts.filter((it) => it.transfer !== transfer) };
  }

  async sendByCode(picked: Picked): Promise<void> {
    const before = this.state.codeSend;
    // Stands before the answer, since the code may be told first.
    this.state = { ...this.state, codeSend: { transfer: '', issued: null } };
    const transfer = await this.attempt(() => this.backend.host.sendByCode(picked, {}));
    const issued = this.state.codeSend?.issued ?? null;
    this.state = { ...this.state, codeSend: transfer === null ? before : { transfer, issued } };
    await this.refresh('transfers');
  }

  forgetPairing(): void {
    this.state = { ...this.state, pairing: EMPTY.pairing };
  }

  now(): number {
    return this.backend.host.now();
  }

  #goOnline(): void {
    // Whether it worked is told by events, and shown in the line of status.
    void this.backend.ask({ command: 'go_online' }).catch(() => undefined);
  }

  async #readStatus(): Promise<void> {
    const identity = await answer(this.backend, { command: 'identity', action: 'show' }, 'identity');
    this.state = { ...this.state, identity };
    const status = await answer(this.backend, { command: 'status' }, 'status').catch(() => null);
    if (!status) return;
    const { issued_code: issued, comparison } = status;
    this.state = {
      ...this.state,
      server: status.server,
      pairing: {
        ...EMPTY.pairing,
        issued: issued && {
          code: issued.code,
          link: issued.link,
          expiresAt: this.now() + issued.expires_in_s * 1000,
        },
        comparison: comparison && { words: comparison.words.split(' '), peer: comparison.peer },
      },
    };
  }

  async #readOffers(): Promise<void> {
    const waiting = this.state.transfers.filter(isOffer).map((it) => it.transfer);
    const known = this.state.offers;
    const offers = await readOffers(this.backend, waiting, known);
    this.state = { ...this.state, offers };
  }
}

function codeOf(error: unknown): ErrorCode {
  const code = (error as CommandError | null)?.code;
  return code ?? 'internal';
}
