import type {
  Contact,
  DeviceView,
  ErrorCode,
  FolderDetail,
  FolderView,
  GroupView,
  HistoryView,
  IdentityView,
  ItemKind,
  NearbyView,
  OfferView,
  ReceiptView,
  SettingProblem,
  SettingView,
  RuleView,
  Problem,
  SkipReason,
  StatusView,
  Transfer,
} from '../backend/contract';

/** Everything the screens show: lists as the engine answered them, and what moves on top of them. */
export interface State {
  server: Server;
  identity: IdentityView;
  people: People;
  transfers: Transfer[];
  folders: FolderView[];
  /** By folder, of those that run. */
  folderDetails: Record<string, FolderDetail>;
  /** Whether the engine could not be asked: what is shown may be old. */
  silent: boolean;
  /** By transfer. */
  live: Record<string, Live>;
  /** By transfer. */
  offers: Record<string, OfferView>;
  past: { history: HistoryView[]; receipts: ReceiptView[] };
  settings: { rows: SettingView[]; problems: SettingProblem[] };
  pairing: Pairing;
  codeSend: CodeSend | null;
  texts: ReceivedText[];
  /** Until when everybody on the local network may know this device's name; a moment of the window's clock. */
  visibleUntil: number | null;
  /** What others enter as their server, while this device is one. */
  hosting: string[];
  notices: Notice[];
}

/** How the server stands; `retryAt` is a moment of the window's clock. */
export type Server =
  { state: 'connecting' | 'ready' | 'none' | 'refused' } | { state: 'lost'; retryAt: number };

export interface People {
  contacts: Contact[];
  groups: GroupView[];
  rules: RuleView[];
  nearby: NearbyView[];
  devices: DeviceView[];
}

/** What only events tell of a transfer. */
export interface Live {
  rate: number;
  etaSeconds: number | null;
  ahead: number;
  kind: ItemKind;
  /** Whether a rule accepted it, and nobody was asked. */
  byRule: boolean;
  samples: Sample[];
  skipped: { path: string; reason: SkipReason }[];
  /** What was found before any data moved. */
  problems: { path: string | null; problem: Problem }[];
  /** What arrived under another name than it was sent with. */
  renamed: { path: string; name: string }[];
}

export interface Sample {
  at: number;
  rate: number;
}

export interface IssuedCode {
  code: string;
  link: string | null;
  expiresAt: number;
}

/** A send to whoever says its code; the code is told after the send. */
export interface CodeSend {
  transfer: string;
  issued: IssuedCode | null;
}

/** Whether codes that are shown and entered are for a person, or for a further device of one's own. */
export type Aim = 'contact' | 'device';

export interface Pairing {
  aim: Aim;
  issued: IssuedCode | null;
  comparison: { words: string[]; peer: string } | null;
  failed: ErrorCode | null;
  added: { contact: string; name: string } | null;
  /** The other device of one's own, and how many contacts came with it. */
  joined: { name: string; contacts: number | null } | null;
}

export interface ReceivedText {
  transfer: string;
  from: string;
  text: string;
}

/** Something that somebody must know and that no list shows. */
export type Notice =
  | { notice: 'key_changed'; contact: string; name: string }
  | { notice: 'contact_copied'; contact: string; name: string }
  | { notice: 'contact_muted'; contact: string; name: string; seconds: number }
  | { notice: 'identity_copied'; replaced: boolean }
  | { notice: 'this_device_revoked'; name: string }
  | { notice: 'device_added'; contact: string | null; name: string }
  | { notice: 'device_revoked'; contact: string | null; name: string }
  | { notice: 'hosting_failed' }
  | { notice: 'failed'; code: ErrorCode };

export const NO_PAIRING: Pairing = {
  aim: 'contact',
  issued: null,
  comparison: null,
  failed: null,
  added: null,
  joined: null,
};
export const STILL: Live = {
  rate: 0,
  etaSeconds: null,
  ahead: 0,
  kind: 'files',
  byRule: false,
  samples: [],
  skipped: [],
  problems: [],
  renamed: [],
};

export const EMPTY: State = {
  server: { state: 'connecting' },
  identity: { device_id: '', name: '' },
  people: { contacts: [], groups: [], rules: [], nearby: [], devices: [] },
  transfers: [],
  folders: [],
  folderDetails: {},
  silent: false,
  live: {},
  offers: {},
  past: { history: [], receipts: [] },
  settings: { rows: [], problems: [] },
  pairing: NO_PAIRING,
  codeSend: null,
  texts: [],
  visibleUntil: null,
  hosting: [],
  notices: [],
};

export function serverOf(server: StatusView['server'], now: number): Server {
  return server.state === 'lost' ? { state: 'lost', retryAt: now + server.retry_in_s * 1000 } : server;
}

export function isOffer(transfer: Transfer): boolean {
  return transfer.direction === 'incoming' && transfer.state === 'waiting_for_answer';
}

export function isUnfinished(transfer: Transfer): boolean {
  return transfer.state !== 'completed' && transfer.state !== 'failed' && !isOffer(transfer);
}
