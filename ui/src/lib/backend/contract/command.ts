/** What is asked of the engine. Fields that have a default may be left out. */
import type {
  Destination,
  Existing,
  FolderAction,
  FolderRole,
  OnProblem,
  Priority,
  QueueEnd,
  ReceiveRule,
  RelayWish,
  SendSources,
} from './generated';

export type Command =
  | { command: 'go_online' }
  | { command: 'status' }
  | { command: 'examine'; contact: string | null }
  | ({ command: 'identity' } & IdentityCommand)
  | ({ command: 'send' } & SendCommand)
  | ({ command: 'receive' } & ReceiveCommand)
  | ({ command: 'offer' } & OfferCommand)
  | ({ command: 'pairing' } & PairingCommand)
  | ({ command: 'nearby' } & NearbyCommand)
  | ({ command: 'contact' } & ContactCommand)
  | ({ command: 'group' } & GroupCommand)
  | ({ command: 'folder' } & FolderCommand)
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

export type OfferCommand = { action: 'show'; transfer: string };

export type PairingCommand =
  | { action: 'issue' }
  | { action: 'claim'; code: string }
  | { action: 'claim_at'; code: string; address: string }
  | { action: 'replace'; contact: string }
  | { action: 'decide'; add: boolean; compared: boolean };

/** Who is on the local network is told by events, until this face looks away. */
export type NearbyCommand =
  | { action: 'look' }
  | { action: 'look_away' }
  | { action: 'show' }
  | { action: 'hide' }
  | { action: 'tap'; id: string };

export type ContactCommand =
  | { action: 'list' }
  | { action: 'rename'; contact: string; name: string }
  | { action: 'remove'; contact: string }
  | { action: 'block'; contact: string; blocked: boolean }
  | { action: 'mute'; contact: string; muted: boolean }
  | { action: 'relay'; contact: string; wish: RelayWish | null }
  | { action: 'verify'; contact: string; verified: boolean };

export type GroupCommand =
  | { action: 'list' }
  | { action: 'create'; group: string; members: string[] }
  | { action: 'rename'; group: string; name: string }
  | { action: 'remove'; group: string }
  | { action: 'add'; group: string; members: string[] }
  | { action: 'drop'; group: string; members: string[] };

/** A folder is named by its id. */
export type FolderCommand =
  | { action: 'list' }
  | {
      action: 'share';
      place: string;
      name: string | null;
      with: string[];
      read_only: boolean;
      ignore?: string[];
    }
  | { action: 'accept'; folder: string; place: string }
  | { action: 'decline'; folder: string }
  | { action: 'pause'; folder: string }
  | { action: 'resume'; folder: string }
  | { action: 'remove'; folder: string }
  | { action: 'grant'; folder: string; members: string[]; role: FolderRole }
  | { action: 'drop'; folder: string; members: string[] }
  | { action: 'inside'; folder: string; wish: FolderAction };

/** `contact` is `null` for everybody; `set` leaves as it was what is left out. */
export type RuleCommand =
  | { action: 'list' }
  | { action: 'set'; contact: string | null; rule: Partial<ReceiveRule> }
  | { action: 'clear'; contact: string | null };

export type TransferCommand =
  | { action: 'list' }
  | { action: 'entries'; transfer: string; offset: number; limit: number }
  | { action: 'retry'; transfer: string }
  | { action: 'forget'; transfer: string }
  | { action: 'pause'; transfer: string }
  | { action: 'resume'; transfer: string }
  | { action: 'cancel'; transfer: string }
  | { action: 'pause_all' }
  | { action: 'resume_all' }
  | { action: 'cancel_all' }
  | { action: 'prioritize'; transfer: string; priority: Priority }
  | { action: 'move'; transfer: string; to: QueueEnd }
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
