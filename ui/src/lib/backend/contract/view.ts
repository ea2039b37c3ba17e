import type { Existing, Priority } from './command';
import type { ErrorCode } from './error';

export type PathKind = 'local' | 'direct' | 'relay';

export interface ContactView {
  contact: string;
  name: string;
  verified: boolean;
  blocked: boolean;
  connected: boolean;
  muted: boolean;
  muted_for_s: number | null;
  key_changed: boolean;
  devices: DeviceView[];
}

export interface DeviceView {
  device_id: string;
  name: string;
  this: boolean;
  connected: boolean;
}

export interface GroupView {
  name: string;
  members: string[];
}

/** What somebody said about offers; `null` is open. */
export interface ReceiveRule {
  accept: boolean | null;
  ceiling_bytes: number | null;
  executables: boolean | null;
  /** A pattern of folders below the destination, like `{sender}/{year}-{month}`. */
  into: string | null;
  existing: Existing | null;
}

/** `contact` is `null` in the rule for everybody. */
export interface RuleView {
  contact: string | null;
  name: string | null;
  rule: ReceiveRule;
  suspended: RuleSuspension | null;
}

export type RuleSuspension = 'not_verified' | 'key_changed' | 'muted' | 'blocked';

export interface IdentityView {
  device_id: string;
  name: string;
}

export type TransferDirection = 'outgoing' | 'incoming';

export type PauseReason =
  'here' | 'there' | 'disk_full' | 'disk_failed' | 'problem' | 'peer_offline' | 'stalled';

export type TransferState =
  | { state: 'preparing' }
  | { state: 'waiting_for_peer' }
  | { state: 'queued' }
  | { state: 'waiting_for_answer' }
  | { state: 'active' }
  | { state: 'paused'; reason: PauseReason }
  | { state: 'completed' }
  | { state: 'failed'; code: ErrorCode };

export type TransferView = TransferState & {
  transfer: string;
  direction: TransferDirection;
  /** A code session has none. */
  peer: string | null;
  name: string;
  entries: number;
  bytes: number;
  total_bytes: number;
  path: PathKind | null;
  turn: TurnView | null;
};

export interface TurnView {
  priority: Priority;
  limit_bytes_per_s: number | null;
}

export type SettingSource = 'policy' | 'flag' | 'environment' | 'file' | 'default';

export interface SettingView {
  key: string;
  value: string | null;
  source: SettingSource;
  locked: boolean;
  default: string;
  allowed: string;
  about: string;
  environment: string;
  flag: string | null;
}

export interface SettingProblem {
  key: string | null;
  message: string;
  blocks: boolean;
}

export interface LinkView {
  aim: 'receive' | 'pair' | null;
  code: string;
  server: string | null;
  server_in_force: string | null;
  is_other_server: boolean;
}

export type ItemKind = 'files' | 'text';

export interface HistoryView {
  transfer: string;
  direction: TransferDirection;
  peer: string;
  kind: ItemKind;
  names: string[];
  entries: number;
  bytes: number;
  /** Like `2026-11-22T18:05:09Z`. */
  ended_at: string;
  code: ErrorCode | null;
  figures: FiguresView | null;
}

export interface FiguresView {
  path: PathKind;
  seconds: number;
  resent_bytes: number;
  skipped: number;
}

export interface ReceiptView {
  transfer: string;
  title: string;
  sender: PartyView;
  receiver: PartyView;
  entries: number;
  files: number;
  bytes: number;
  skipped: number;
  digest: string;
  sums: string | null;
}

export interface PartyView {
  device_id: string;
  name: string;
  time: string;
}
