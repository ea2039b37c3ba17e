import type {
  Command,
  Event,
  Reply,
  SendOptions,
  SentTransfer,
  WantedCommand,
  WantedReply,
} from './contract';

/** The one door to the engine and to the system around the window. */
export interface Backend {
  /** Rejects with a `CommandError`. */
  ask(command: AnyCommand): Promise<AnyReply>;
  listen(hear: (event: Event) => void): Stop;
  host: Host;
}

export type AnyCommand = Command | WantedCommand;
export type AnyReply = Reply | WantedReply;
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
  watchDrags(hear: (drag: Drag) => void): Stop;
  send(picked: Picked, recipients: string[], options: SendOptions): Promise<SentTransfer[]>;
  /** Offers it to whoever says the code that an event will tell. */
  sendByCode(picked: Picked, options: SendOptions): Promise<string>;
  reveal(transfer: string): Promise<void>;
  copy(text: string): Promise<void>;
}

export interface HostFacts {
  firstRun: boolean;
  suggestedName: string;
  suggestedFolder: string;
  version: string;
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
