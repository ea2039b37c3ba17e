import type {
  Contact,
  DeviceView,
  ErrorCode,
  GroupView,
  HistoryView,
  IdentityView,
  ItemKind,
  NearbyView,
  OfferView,
  ReceiptView,
  SettingProblem,
  SettingView,
  SkipReason,
  StatusView,
  TransferView,
} from '../backend/contract';

/** Everything the screens show: lists as the engine answered them, and what moves on top of them. */
export interface State {
  server: StatusView['server'];
  identity: IdentityView;
  people: { contacts: Contact[]; groups: GroupView[]; nearby: NearbyView[]; devices: DeviceView[] };
  transfers: TransferView[];
  /** By transfer. */
  live: Record<string, Live>;
  /** By transfer. */
  offers: Record<string, OfferView>;
  past: { history: HistoryView[]; receipts: ReceiptView[] };
  settings: { rows: SettingView[]; problems: SettingProblem[] };
  pairing: Pairing;
  codeSend: CodeSend | null;
  texts: ReceivedText[];
  notices: Notice[];
}

/** What only events tell of a transfer. */
export interface Live {
  rate: number;
  etaSeconds: number | null;
  ahead: number;
  kind: ItemKind;
  samples: Sample[];
  skipped: { path: string; reason: SkipReason }[];
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

export interface Pairing {
  issued: IssuedCode | null;
  comparison: { words: string[]; peer: string } | null;
  failed: ErrorCode | null;
  added: { contact: string; name: string } | null;
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
  | { notice: 'device_ready'; name: string }
  | { notice: 'device_revoked'; contact: string | null; name: string }
  | { notice: 'failed'; code: ErrorCode };

export const NO_PAIRING: Pairing = { issued: null, comparison: null, failed: null, added: null };
export const STILL: Live = {
  rate: 0,
  etaSeconds: null,
  ahead: 0,
  kind: 'files',
  samples: [],
  skipped: [],
  renamed: [],
};

export const EMPTY: State = {
  server: { state: 'connecting' },
  identity: { device_id: '', name: '' },
  people: { contacts: [], groups: [], nearby: [], devices: [] },
  transfers: [],
  live: {},
  offers: {},
  past: { history: [], receipts: [] },
  settings: { rows: [], problems: [] },
  pairing: NO_PAIRING,
  codeSend: null,
  texts: [],
  notices: [],
};

export function isOffer(transfer: TransferView): boolean {
  return transfer.direction === 'incoming' && transfer.state === 'waiting_for_answer';
}

export function isUnfinished(transfer: TransferView): boolean {
  return transfer.state !== 'completed' && transfer.state !== 'failed' && !isOffer(transfer);
}
