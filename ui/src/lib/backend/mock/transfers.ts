import {
  ERROR_CODES,
  type EntryView,
  type OfferView,
  type TransferState,
  type TransferView,
} from '../contract';

const MB = 1_000_000;

/** One in every state that there is. */
export function everyState(): TransferView[] {
  return [
    trip(),
    moving('t2', 'site-photos', 'Jon', { state: 'active' }, 240, 1_180, {
      direction: 'incoming',
      path: 'relay',
      entries: 1_284,
    }),
    moving('t3', 'plan-2027.pdf', 'دينا', { state: 'waiting_for_peer' }, 0, 12),
    moving('t4', 'notes.txt', 'Jon', { state: 'waiting_for_answer' }, 0, 0.02, { path: 'relay' }),
    moving('t5', 'archive-2025', 'Studio NAS', { state: 'preparing' }, 0, 0, { path: 'local' }),
    moving('t6', 'interview.wav', 'Mia', { state: 'queued' }, 0, 410, { path: 'local' }),
    moving('t7', 'drone-raw', 'Ravi', { state: 'paused', reason: 'peer_offline' }, 620, 900, { entries: 42 }),
    moving('t8', 'backup.tar', 'Studio NAS', { state: 'paused', reason: 'disk_full' }, 3_100, 8_000, {
      path: 'local',
    }),
    moving('t9', 'mixdown.flac', 'Mia', { state: 'paused', reason: 'here' }, 33, 96, { path: 'local' }),
    moving('t12', 'minutes', 'Studio NAS', { state: 'paused', reason: 'problem' }, 0, 4, { path: 'local' }),
    moving('t10', 'old-scan.tiff', 'Jon', { state: 'failed', code: 'no_path' }, 0, 210),
    moving('t11', 'contract.pdf', 'Mia', { state: 'completed' }, 2.4, 2.4, {
      direction: 'incoming',
      path: 'local',
    }),
  ];
}

/** One ended by each way in which one can fail. */
export function everyFailure(): TransferView[] {
  return ERROR_CODES.map((code, index) =>
    moving(`e${index}`, `${code}.bin`, index % 2 === 0 ? 'Jon' : null, { state: 'failed', code }, 1, 9),
  );
}

export function trip(): TransferView {
  return moving('t1', 'trip.mov', 'Mia', { state: 'active' }, 620, 1_000, { path: 'local' });
}

export function moving(
  transfer: string,
  name: string,
  peer: string | null,
  state: TransferState,
  doneMb: number,
  totalMb: number,
  rest: Partial<TransferView> = {},
): TransferView {
  return {
    transfer,
    direction: 'outgoing',
    peer,
    name,
    kind: 'files',
    entries: 1,
    bytes: doneMb * MB,
    total_bytes: totalMb * MB,
    path: null,
    turn: null,
    ...state,
    ...rest,
  } as TransferView;
}

const PHOTOS_IN_A_FOLDER = 120;

/** Folders with many photos, part of them done. */
export function manyEntries(count: number, doneBytes: number): EntryView[] {
  const entries: EntryView[] = [{ path: 'site-photos', bytes: 0, state: 'done', folder: true }];
  let folder = '';
  let left = doneBytes;
  for (let index = 1; index < count; index += 1) {
    if (index % PHOTOS_IN_A_FOLDER === 1) {
      folder = `site-photos/roll ${String(Math.ceil(index / PHOTOS_IN_A_FOLDER)).padStart(2, '0')}`;
      entries.push({ path: folder, bytes: 0, state: 'done', folder: true });
      continue;
    }
    const bytes = 600_000 + ((index * 7919) % 640_000);
    const done = Math.min(left, bytes);
    left -= done;
    const name = `IMG_${String(4000 + index)}.jpg`;
    const partly = done > 0 ? 'moving' : 'waiting';
    const state = done === bytes ? 'done' : partly;
    entries.push({ path: `${folder}/${name}`, bytes, state, folder: false });
  }
  return entries;
}

export function jonsOffer(): { transfer: TransferView; offer: OfferView } {
  const rest = { direction: 'incoming', path: 'relay', entries: 14 } as const;
  return {
    transfer: moving('o1', 'site-photos', 'Jon', { state: 'waiting_for_answer' }, 0, 1_200, rest),
    offer: {
      transfer: 'o1',
      device: "Jon's MacBook",
      files: 13,
      names: ['site-photos/', 'plan-2027.pdf', 'notes.txt', 'viewer-setup.exe', 'cover.jpg'],
      executable: ['viewer-setup.exe'],
      destination: { folder: '/home/ana/Downloads/Wherry/Jon' },
      free_bytes: 84_000 * MB,
    },
  };
}
