/**
 * The contract with the engine. What it tells and answers is made from the crate `api`; what is asked of it stands
 * in `contract/command.ts`, where fields that have a default may be left out.
 */
export type * from './contract/generated';
export type {
  Command,
  ContactCommand,
  FolderCommand,
  GroupCommand,
  HistoryCommand,
  IdentityCommand,
  LinkCommand,
  NearbyCommand,
  OfferCommand,
  PairingCommand,
  ReceiptCommand,
  ReceiveCommand,
  RuleCommand,
  SendCommand,
  SendOptions,
  SettingCommand,
  TransferCommand,
  Wishes,
} from './contract/command';
export type * from './contract/wanted';
export { ERROR_CODES } from './contract/error';
