import type { ErrorCode, PauseReason, Transfer } from '../../lib/backend/contract';
import { calmDuration } from '../../lib/format/moment';
import { named, t, words, type Args } from '../../lib/i18n/words.svelte';
import type { Notice, State } from '../../lib/state/state';

/** Something that went wrong, as fact, consequence and one action. */
export interface Trouble {
  id: string;
  /** Chooses the words. */
  key: string;
  args: Args;
  /** What it happened to. */
  subject?: string;
  grave: boolean;
  action: Action;
  origin:
    | { from: 'notice'; index: number }
    | { from: 'transfer'; transfer: string }
    | { from: 'settings' }
    | { from: 'engine' };
}

export type Action =
  | { kind: 'none' }
  | { kind: 'ask-again' }
  | { kind: 'open-settings' }
  | { kind: 'open-code' }
  | { kind: 'open-log' }
  | { kind: 'open-person'; contact: string }
  | { kind: 'retry'; transfer: string }
  | { kind: 'resume'; transfer: string };

/** Pauses that do not end by themselves, and their words. */
const NEEDS_SOMEBODY: Partial<Record<PauseReason, string>> = {
  disk_full: 'disk_full',
  disk_failed: 'destination_unwritable',
  problem: 'preflight',
  relay_budget: 'relay_budget',
};
const NONE: Action = { kind: 'none' };
const SILENT: Trouble = {
  id: 'silent',
  key: 'engine_silent',
  args: {},
  grave: true,
  action: { kind: 'ask-again' },
  origin: { from: 'engine' },
};
const GRAVE: readonly string[] = ['key_changed', 'identity_copied', 'contact_copied', 'this_device_revoked'];
/** What somebody decided is no problem. */
const DECIDED: readonly ErrorCode[] = ['cancelled'];

/** Everything that somebody should know, the gravest first. */
export function troubles(state: State): Trouble[] {
  const silent: Trouble[] = state.silent ? [SILENT] : [];
  const notices = state.notices.map(ofNotice);
  const transfers = state.transfers.flatMap(ofTransfer);
  const blocked = state.settings.problems.filter((it) => it.blocks);
  const settings = blocked.map<Trouble>((it) => ({
    id: `setting-${it.key}`,
    key: 'setting',
    args: { setting: settingName(it.key) },
    grave: true,
    action: { kind: 'open-settings' },
    origin: { from: 'settings' },
  }));
  return [...silent, ...notices, ...settings, ...transfers].sort((a, b) => Number(b.grave) - Number(a.grave));
}

function ofNotice(notice: Notice, index: number): Trouble {
  const key = notice.notice === 'failed' ? notice.code : notice.notice;
  return {
    id: `notice-${index}-${key}`,
    key,
    args: argsOf(notice),
    grave: GRAVE.includes(key),
    action: actionFor(notice, key),
    origin: { from: 'notice', index },
  };
}

function actionFor(notice: Notice, key: string): Action {
  if (key === 'identity_copied' || key === 'hosting_failed') return { kind: 'open-settings' };
  if (notice.notice === 'failed') return remedyOf(notice.code);
  if (notice.notice !== 'key_changed') return NONE;
  return { kind: 'open-person', contact: notice.contact };
}

/** What a person can do about it, besides trying again. */
function remedyOf(code: ErrorCode): Action {
  switch (code) {
    case 'destination_unwritable':
    case 'server_refused':
    case 'server_unreachable':
    case 'identity_copied':
    case 'relay_budget':
      return { kind: 'open-settings' };
    case 'wrong_code':
    case 'expired_code':
    case 'pairing_stopped':
      return { kind: 'open-code' };
    case 'internal':
    case 'home_unusable':
      return { kind: 'open-log' };
    case 'usage':
    case 'declined':
    case 'too_many_attempts':
    case 'unknown_contact':
    case 'unknown_transfer':
    case 'contact_offline':
    case 'no_path':
    case 'peer_violation':
    case 'integrity':
    case 'disk_full':
    case 'source_unreadable':
    case 'source_changed':
    case 'bad_name':
    case 'cancelled':
    case 'home_busy':
    case 'timed_out':
      return NONE;
  }
}

/** Only who sends can try again. */
function actionOf({ transfer, direction, code }: Extract<Transfer, { state: 'failed' }>): Action {
  const remedy = remedyOf(code);
  if (remedy !== NONE || direction === 'incoming') return remedy;
  return { kind: 'retry', transfer };
}

function argsOf(notice: Notice): Args {
  if (notice.notice === 'device_added') return { name: notice.name, known: notice.contact ? 'yes' : 'no' };
  const who = named('name' in notice ? notice.name : null);
  if (notice.notice !== 'contact_muted') return who;
  const { unit, count } = calmDuration(notice.seconds);
  return { ...who, duration: t(`duration-${unit}`, { count }) };
}

function ofTransfer(transfer: Transfer): Trouble[] {
  const origin = { from: 'transfer', transfer: transfer.transfer } as const;
  const id = transfer.transfer;
  const args = named(transfer.peer);
  const subject = transfer.name;
  if (transfer.state === 'failed' && !DECIDED.includes(transfer.code)) {
    return [
      {
        id,
        key: transfer.code,
        args,
        subject,
        grave: false,
        action: actionOf(transfer),
        origin,
      },
    ];
  }
  const key = transfer.state === 'paused' ? NEEDS_SOMEBODY[transfer.reason] : undefined;
  if (key === 'relay_budget') {
    return [{ id, key, args, subject, grave: false, action: { kind: 'open-settings' }, origin }];
  }
  if (key !== undefined) {
    return [{ id, key, args, subject, grave: false, action: { kind: 'resume', transfer: id }, origin }];
  }
  return [];
}

function settingName(key: string | null): string {
  if (key === null) return t('settings-file');
  return words.has(`setting-${key}`) ? t(`setting-${key}`) : key;
}
