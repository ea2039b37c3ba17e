/** Every way in which a command or a transfer can fail; the words are chosen by it. */
export const ERROR_CODES = [
  'internal',
  'usage',
  'declined',
  'wrong_code',
  'expired_code',
  'too_many_attempts',
  'pairing_stopped',
  'unknown_contact',
  'unknown_transfer',
  'contact_offline',
  'server_unreachable',
  'server_refused',
  'no_path',
  'peer_violation',
  'integrity',
  'disk_full',
  'destination_unwritable',
  'source_unreadable',
  'source_changed',
  'bad_name',
  'cancelled',
  'home_busy',
  'home_unusable',
  'identity_copied',
  'timed_out',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** Why a command failed. `message` is for logs: people get words by `code`. */
export interface CommandError {
  code: ErrorCode;
  message: string;
}
