import type { ErrorCode } from './generated';

const EVERY_CODE: Record<ErrorCode, true> = {
  internal: true,
  usage: true,
  declined: true,
  wrong_code: true,
  expired_code: true,
  too_many_attempts: true,
  pairing_stopped: true,
  unknown_contact: true,
  unknown_transfer: true,
  contact_offline: true,
  server_unreachable: true,
  server_refused: true,
  no_path: true,
  relay_budget: true,
  peer_violation: true,
  integrity: true,
  disk_full: true,
  destination_unwritable: true,
  source_unreadable: true,
  source_changed: true,
  bad_name: true,
  cancelled: true,
  home_busy: true,
  home_unusable: true,
  identity_copied: true,
  timed_out: true,
};

/** Every way in which a command or a transfer can fail; the words are chosen by it. */
export const ERROR_CODES = Object.keys(EVERY_CODE) as ErrorCode[];
