import {
  answer,
  type AnyCommand,
  type AnyReply,
  type Backend,
  type HostFacts,
  type Picked,
} from '../backend/backend';
import type { ErrorCode, StatusView } from '../backend/contract';
import { Reading } from './reading';
import { outdated, overtakes, reduce, type List } from './reduce';
import { codeOf, readLists, readOffers } from './snapshot';
import { EMPTY, isOffer, serverOf, type Aim, type State } from './state';

const LISTS: List[] = ['contacts', 'groups', 'folders', 'rules', 'devices', 'transfers', 'past', 'settings'];
const DAY_MS = 24 * 60 * 60 * 1000;
const ASK_AGAIN_MS = 5000;
const SERVER = { key: 'server-url' };
const AIM_KEY = 'wherry.aim';

/** A link's aim and its text, for the form that it belongs to. */
export interface Opened {
  aim: 'receive' | 'pair';
  text: string;
}

/** What the window knows: a snapshot, then changes. */
export class Session {
  state = $state.raw<State>(EMPTY);
  facts = $state.raw<HostFacts | null>(null);
  /** What a link that was opened asks to be filled in; nothing is done by itself. */
  opened = $state.raw<Opened | null>(null);
  /** A newer version that can be installed. */
  newVersion = $state.raw<string | null>(null);
  #reading: Reading;
  #unread = new Set<List>();
  /** How often an event changed what the status says, too. */
  #statusTold = 0;

  constructor(readonly backend: Backend) {
    this.#reading = new Reading((lists) => this.#read(lists));
  }

  async begin(): Promise<void> {
    this.backend.listen((event) => {
      const before = this.state;
      this.state = reduce(before, event, this.now());
      if (changesStatus(before, this.state)) this.#statusTold += 1;
      this.#reading.overtaken(overtakes(event));
      void this.refresh(...outdated(event));
    });
    this.facts = await this.backend.host.facts();
    if (!this.facts.firstRun) this.#goOnline();
    await this.readAll();
    this.#lookForUpdates();
  }

  /** Whether there is a newer version. */
  async lookForUpdate(): Promise<void> {
    const found = await this.backend.host.lookForUpdate();
    this.newVersion = found?.version ?? null;
  }

  /** Asks for everything, as after a reload or when another process had the engine. */
  async readAll(): Promise<void> {
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

  refresh(...lists: List[]): Promise<void> {
    return this.#reading.want(...lists);
  }

  async finishFirstRun(name: string, folder: string, server: string): Promise<boolean> {
    const done = await this.attempt(async () => {
      if (server !== '') {
        await this.backend.ask({ command: 'setting', action: 'change', ...SERVER, value: server });
      }
      await this.backend.host.finishFirstRun({ name, folder });
      return true;
    });
    if (!done) return false;
    this.facts = await this.backend.host.facts();
    this.#goOnline();
    await this.readAll();
    return true;
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

  /** Shows a code, or enters one, for a contact or for a further device of one's own. */
  async pair(aim: Aim, code: string | null): Promise<boolean> {
    globalThis.sessionStorage?.setItem(AIM_KEY, aim);
    this.state = { ...this.state, pairing: { ...this.state.pairing, aim, failed: null } };
    return (await this.ask(pairingCommand(aim, code))) !== null;
  }

  /** Asks who is on the local network, until it is told to stop; where that is switched off nobody is. */
  watchNearby(): () => void {
    const look = (action: 'look' | 'look_away') =>
      this.backend.ask({ command: 'nearby', action }).catch(() => undefined);
    void look('look');
    return () => {
      void look('look_away');
      this.state = { ...this.state, people: { ...this.state.people, nearby: [] } };
    };
  }

  /** Begins to pair with a device that shows itself. */
  async tap(id: string): Promise<boolean> {
    globalThis.sessionStorage?.setItem(AIM_KEY, 'contact');
    this.state = { ...this.state, pairing: { ...EMPTY.pairing, issued: this.state.pairing.issued } };
    return (await this.ask({ command: 'nearby', action: 'tap', id })) !== null;
  }

  forgetPairing(): void {
    this.state = { ...this.state, pairing: EMPTY.pairing };
  }

  now(): number {
    return this.backend.host.now();
  }

  /** At the start and once a day, if somebody wants that; who cannot be asked is asked the next day. */
  #lookForUpdates(): void {
    if (!this.facts?.renewsItself) return;
    const look = () => {
      const row = this.state.settings.rows.find((it) => it.key === 'updates');
      if (row?.value === 'look') this.lookForUpdate().catch(() => {});
    };
    look();
    setInterval(look, DAY_MS);
  }

  #goOnline(): void {
    // Whether it worked is told by events, and shown in the line of status.
    void this.backend.ask({ command: 'go_online' }).catch(() => undefined);
  }

  async #read(lists: Set<List>): Promise<void> {
    const { read, unread } = await readLists(this.backend, lists);
    const people = { ...this.state.people, ...read.people };
    lists.forEach((it) => this.#unread.delete(it));
    unread.forEach((it) => this.#unread.add(it));
    this.state = { ...this.state, ...read, people, silent: this.#unread.size > 0 };
    if (unread.length > 0) setTimeout(() => void this.refresh(...unread), ASK_AGAIN_MS);
    if (lists.has('transfers')) await this.#readOffers();
  }

  async #readStatus(): Promise<void> {
    const identity = await answer(this.backend, { command: 'identity', action: 'show' }, 'identity').catch(
      () => this.state.identity,
    );
    this.state = { ...this.state, identity };
    let told: number;
    let status: StatusView | null;
    // What was told while it was asked for is younger than the answer.
    do {
      told = this.#statusTold;
      status = await answer(this.backend, { command: 'status' }, 'status').catch(() => null);
    } while (told !== this.#statusTold);
    if (status) this.#takeStatus(status);
  }

  #takeStatus(status: StatusView): void {
    const {
      server,
      issued_code: issued,
      comparison,
      send_codes: sends = [],
      visible_s = 0,
      hosting = [],
    } = status;
    const send = sends.at(-1);
    const aim = globalThis.sessionStorage?.getItem(AIM_KEY) === 'device' ? 'device' : 'contact';
    this.state = {
      ...this.state,
      server: serverOf(server, this.now()),
      visibleUntil: visible_s > 0 ? this.now() + visible_s * 1000 : null,
      hosting,
      pairing: {
        ...EMPTY.pairing,
        aim,
        issued: issued && this.#timed(issued),
        comparison: comparison && { words: comparison.words.split(' '), peer: comparison.peer },
      },
      codeSend: send ? { transfer: send.transfer, issued: this.#timed(send) } : this.state.codeSend,
    };
  }

  #timed({ code, link, expires_in_s }: { code: string; link: string | null; expires_in_s: number }) {
    return { code, link, expiresAt: this.now() + expires_in_s * 1000 };
  }

  async #readOffers(): Promise<void> {
    const waiting = this.state.transfers.filter(isOffer).map((it) => it.transfer);
    const known = this.state.offers;
    const offers = await readOffers(this.backend, waiting, known);
    this.state = { ...this.state, offers };
  }
}

function changesStatus(before: State, now: State): boolean {
  return (
    before.server !== now.server ||
    before.pairing !== now.pairing ||
    before.codeSend !== now.codeSend ||
    before.visibleUntil !== now.visibleUntil
  );
}

function pairingCommand(aim: Aim, code: string | null): AnyCommand {
  if (aim === 'contact') {
    return code === null
      ? { command: 'pairing', action: 'issue' }
      : { command: 'pairing', action: 'claim', code };
  }
  return code === null
    ? { command: 'identity', action: 'add_device' }
    : { command: 'identity', action: 'join', code };
}
