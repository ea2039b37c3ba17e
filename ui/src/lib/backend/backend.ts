import type { Command, Event, Reply, SendOptions, SentTransfer } from './contract';

/** The one door to the engine and to the system around the window. */
export interface Backend {
  /** Rejects with a `CommandError`. */
  ask(command: AnyCommand): Promise<AnyReply>;
  listen(hear: (event: Event) => void): Stop;
  host: Host;
}

export type AnyCommand = Command;
export type AnyReply = Reply;
export type Stop = () => void;

/** What the desktop shell does besides carrying commands. The page never names a path of its own. */
export interface Host {
  facts(): Promise<HostFacts>;
  now(): number;
  finishFirstRun(chosen: { name: string; folder: string }): Promise<void>;
  pickFiles(): Promise<Picked | null>;
  pickFolderToSend(): Promise<Picked | null>;
  /** Files on the clipboard, if there are any. */
  pasteFiles(event: ClipboardEvent): Promise<Picked | null>;
  chooseFolder(current: string): Promise<string | null>;
  /** Where a folder of that name is to lie; never amid what a person has there already. */
  choosePlace(name: string): Promise<string | null>;
  /** Shows a shared folder in the system's file manager. */
  openFolder(folder: string): Promise<void>;
  watchDrags(hear: (drag: Drag) => void): Stop;
  watchShell(hear: (event: ShellEvent) => void): Stop;
  send(picked: Picked, recipients: string[], options: SendOptions): Promise<SentTransfer[]>;
  /** Offers it to whoever says the code that an event will tell. */
  sendByCode(picked: Picked, options: SendOptions): Promise<string>;
  /** Shows what arrived in the system's file manager. */
  reveal(transfer: string): Promise<void>;
  /** Opens a single file that arrived, unless it could run. */
  open(transfer: string): Promise<void>;
  /** Looks whether there is a newer version than this one. */
  lookForUpdate(): Promise<{ version: string } | null>;
  /** Puts the newest version in the place of this one and starts it. */
  installUpdate(): Promise<void>;
  /** Starts a drag of what arrived, out of the window. */
  dragOut(transfer: string): Promise<void>;
  copy(text: string): Promise<void>;
  /** Asks where, and writes; `false` if the person thought better of it. */
  saveReceipt(transfer: string): Promise<boolean>;
  exportIdentity(passphrase: string): Promise<boolean>;
  importIdentity(passphrase: string): Promise<boolean>;
  notify(notice: SystemNotice): Promise<void>;
  labelTray(labels: TrayLabels): Promise<void>;
  setAutostart(enabled: boolean): Promise<boolean>;
  openLog(): Promise<void>;
  quit(): Promise<void>;
}

/** What the shell tells besides the engine's events. */
export type ShellEvent =
  /** Another process owned the home and ended: everything may be other than it was. */
  | { event: 'reopened' }
  /** A link was opened; it only fills in a form. */
  | { event: 'link'; text: string }
  /** Files from the file manager, for whoever is chosen now. */
  | { event: 'files'; picked: Picked }
  /** Somebody pressed a notification. */
  | { event: 'show'; transfer: string | null };

/** A notification of the system, in the person's language. */
export interface SystemNotice {
  title: string;
  body: string;
  label: string;
  transfer: string | null;
}

/** The words of the icon beside the clock. */
export interface TrayLabels {
  show: string;
  pause: string;
  resume: string;
  quit: string;
  status: string;
}

export interface HostFacts {
  firstRun: boolean;
  suggestedName: string;
  suggestedFolder: string;
  version: string;
  platform?: 'linux' | 'macos' | 'windows' | 'browser';
  /** Whether Wherry starts with the system; absent where that cannot be. */
  autostart?: boolean;
  dragsOut?: boolean;
  /** Whether Wherry can renew itself; otherwise a package manager does. */
  renewsItself?: boolean;
}

/** Files that a person dropped, picked or pasted; the host keeps their paths under this id. */
export interface Picked {
  pick: string;
  first: string;
  count: number;
  bytes: number | null;
}

/** A drag of files over the window, in CSS pixels. */
export type Drag =
  | { drag: 'entered' | 'moved'; x: number; y: number }
  | { drag: 'dropped'; x: number; y: number; picked: Picked }
  | { drag: 'left' };

export async function answer<K extends AnyReply['reply']>(
  backend: Backend,
  command: AnyCommand,
  kind: K,
): Promise<Extract<AnyReply, { reply: K }>> {
  const reply = await backend.ask(command);
  if (reply.reply !== kind) {
    throw { code: 'internal', message: `expected ${kind}, got ${reply.reply}` };
  }
  return reply as Extract<AnyReply, { reply: K }>;
}
