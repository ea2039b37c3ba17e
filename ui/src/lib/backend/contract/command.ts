import type {
  ContactView,
  DeviceView,
  GroupView,
  HistoryView,
  IdentityView,
  LinkView,
  ReceiptView,
  ReceiveRule,
  RuleView,
  SettingProblem,
  SettingView,
  TransferView,
} from './view';

export type Command =
  | { command: 'go_online' }
  | ({ command: 'identity' } & IdentityCommand)
  | ({ command: 'send' } & SendCommand)
  | ({ command: 'receive' } & ReceiveCommand)
  | ({ command: 'pairing' } & PairingCommand)
  | ({ command: 'contact' } & ContactCommand)
  | ({ command: 'group' } & GroupCommand)
  | ({ command: 'rule' } & RuleCommand)
  | ({ command: 'transfer' } & TransferCommand)
  | ({ command: 'receipt' } & ReceiptCommand)
  | ({ command: 'history' } & HistoryCommand)
  | ({ command: 'link' } & LinkCommand)
  | ({ command: 'setting' } & SettingCommand);

export type IdentityCommand =
  | { action: 'show' }
  | { action: 'add_device' }
  | { action: 'join'; code: string }
  | { action: 'devices' }
  | { action: 'revoke'; device: string }
  | { action: 'export'; file: string; passphrase: string }
  | { action: 'import'; file: string; passphrase: string }
  | { action: 'renew' };

export type SendCommand =
  | { action: 'to_contacts'; recipients: string[]; sources: SendSources; options: SendOptions }
  | { action: 'by_code'; sources: SendSources; options: SendOptions };

export interface SendOptions {
  checksums?: boolean;
  device?: string | null;
  priority?: Priority;
  limit_bytes_per_s?: number | null;
  on_problem?: OnProblem;
}

/** What becomes of a send of which something will not arrive as it is. */
export type OnProblem = 'go_on' | 'ask' | 'stop';

export type Priority = 'high' | 'normal' | 'low';

export type SendSources = { paths: string[] } | { text: string };

export type ReceiveCommand =
  | { action: 'by_code'; code: string; destination: Destination; accept: boolean; wishes?: Wishes }
  | { action: 'from_contacts'; destination: Destination; accept: boolean; wishes?: Wishes }
  | { action: 'answer'; transfer: string; destination: Destination | null; wishes?: Wishes };

export interface Wishes {
  keep_texts?: boolean;
  checksums?: boolean;
  /** `null` for what the settings say. */
  existing?: Existing | null;
}

export type Existing = 'keep-both' | 'skip' | 'replace';

export type Destination = { folder: string } | 'standard_output';

export type PairingCommand =
  | { action: 'issue' }
  | { action: 'claim'; code: string }
  | { action: 'replace'; contact: string }
  | { action: 'decide'; add: boolean; compared: boolean };

export type ContactCommand =
  | { action: 'list' }
  | { action: 'rename'; contact: string; name: string }
  | { action: 'remove'; contact: string }
  | { action: 'block'; contact: string; blocked: boolean }
  | { action: 'mute'; contact: string; muted: boolean }
  | { action: 'verify'; contact: string; verified: boolean };

export type GroupCommand =
  | { action: 'list' }
  | { action: 'create'; group: string; members: string[] }
  | { action: 'rename'; group: string; name: string }
  | { action: 'remove'; group: string }
  | { action: 'add'; group: string; members: string[] }
  | { action: 'drop'; group: string; members: string[] };

/** `contact` is `null` for everybody; `set` leaves as it was what is left out. */
export type RuleCommand =
  | { action: 'list' }
  | { action: 'set'; contact: string | null; rule: Partial<ReceiveRule> }
  | { action: 'clear'; contact: string | null };

export type TransferCommand =
  | { action: 'list' }
  | { action: 'pause'; transfer: string }
  | { action: 'resume'; transfer: string }
  | { action: 'cancel'; transfer: string }
  | { action: 'pause_all' }
  | { action: 'resume_all' }
  | { action: 'cancel_all' }
  | { action: 'prioritize'; transfer: string; priority: Priority }
  | { action: 'move'; transfer: string; to: 'first' | 'last' }
  | { action: 'limit'; transfer: string; bytes_per_s: number | null };

export type ReceiptCommand =
  | { action: 'list' }
  | { action: 'show'; transfer: string }
  | { action: 'contents'; transfer: string }
  | { action: 'remove'; transfer: string };

export type HistoryCommand =
  | { action: 'search'; search: string | null; with: string | null; since_s: number | null; limit: number }
  | { action: 'clear' };

/** Asking changes nothing: a link only fills in a dialog. */
export type LinkCommand = { action: 'parse'; text: string };

export type SettingCommand =
  | { action: 'list' }
  | { action: 'reload' }
  | { action: 'use_for_now'; key: string; value: string }
  | { action: 'change'; key: string; value: string | null };

export type Reply =
  | { reply: 'done' }
  | { reply: 'transfer'; transfer: string }
  | { reply: 'sent'; transfers: SentTransfer[] }
  | { reply: 'groups'; groups: GroupView[] }
  | { reply: 'rules'; rules: RuleView[] }
  | { reply: 'contacts'; contacts: ContactView[] }
  | { reply: 'contact'; contact: string }
  | { reply: 'transfers'; transfers: TransferView[] }
  | { reply: 'receipts'; receipts: ReceiptView[] }
  | { reply: 'receipt'; receipt: ReceiptView; encoded: string; list: string }
  | { reply: 'receipt_list'; list: string }
  | { reply: 'history'; transfers: HistoryView[] }
  | { reply: 'forgotten'; transfers: number }
  | ({ reply: 'identity' } & IdentityView)
  | { reply: 'devices'; devices: DeviceView[] }
  | ({ reply: 'link' } & LinkView)
  | { reply: 'settings'; settings: SettingView[]; problems: SettingProblem[] };

export interface SentTransfer {
  transfer: string;
  contact: string;
  name: string;
}
