import type {
  ConflictSide,
  ConflictView,
  ContentView,
  FolderDetail,
  FolderFileState,
  FolderFileView,
  FolderMemberView,
  FolderView,
  VersionView,
} from '../contract';
import { fivePeople } from './people';
import { NOON } from './world';

/** A shared folder of the scripted world, with everything that can be asked of it. */
export interface Shared {
  view: FolderView;
  detail: FolderDetail;
  files: FolderFileView[];
  conflicts: ConflictView[];
  /** By copy. */
  contents: Record<string, { present: ContentView; kept: ContentView }>;
  versions: VersionView[];
  rules: string[];
}

const MINUTE_MS = 60_000;
const MB = 1_000_000;

/** One in every state that there is, and an invitation. */
export function everyFolder(): Shared[] {
  return [
    plans(),
    shared('f2', 'Site photos', ['Studio NAS'], { state: 'up_to_date' }, { files: 1_284 }),
    shared('f3', 'Ledger', ['Mia'], { state: 'syncing' }, { files: 31, behind: 12, behind_bytes: 488 * MB }),
    shared('f4', 'Old drafts', ['Jon'], { state: 'paused' }, { files: 88 }),
    shared('f5', 'Winter market', ['Mia', 'دينا'], { state: 'looking' }, { files: 0 }),
    {
      ...shared(
        'f6',
        'Price list',
        ['Studio NAS'],
        { state: 'up_to_date' },
        { files: 6, local_changes: 2 },
        'read',
      ),
    },
    shared('f7', 'Field notes', ['Ravi'], { state: 'stopped', code: 'disk_full' }, { files: 14 }),
    shared('f8', 'Archive 2025', ['Ravi'], { state: 'up_to_date' }, { files: 9_120, deletions: 3_400 }),
    shared('f9', 'Tender', [], { state: 'removed' }, { files: 40 }, 'read'),
    invitation(),
  ];
}

export function invitation(name = 'Summer fair', from = 'Jon'): Shared {
  const one = shared('f10', name, [from, 'Mia'], { state: 'invited' }, {}, 'change');
  return { ...one, view: { ...one.view, place: null, from } };
}

type Standing = Pick<FolderView, 'state'> & { code?: 'disk_full' };

export function shared(
  folder: string,
  name: string,
  with_: string[],
  state: Standing,
  figures: Partial<FolderDetail>,
  role: FolderView['role'] = 'owner',
): Shared {
  const place = `/home/ana/Shared/${name}`;
  const view = { folder, name, place, role, from: null, members: with_, ...state } as FolderView;
  const detail = {
    folder,
    name,
    files: 0,
    behind: 0,
    behind_bytes: 0,
    direction: 'both',
    conflicts: 0,
    local_changes: 0,
    deletions: 0,
    notes: [],
    members: membersOf(with_, role),
    ...state,
    ...figures,
  } as FolderDetail;
  const files = someFiles(figures.behind ?? 0, figures.local_changes ?? 0);
  return { view, detail, files, conflicts: [], contents: {}, versions: [], rules: ['.DS_Store', '*.tmp'] };
}

function membersOf(names: string[], role: FolderView['role']): FolderMemberView[] {
  const own = member('4K7Q-P2ZD-9WXA-HM3T', "Ana's laptop", { role, this: true, connected: true });
  const others = names.map((name, index) => {
    const contact = fivePeople().find((it) => it.name === name);
    const connected = contact?.connected ?? false;
    const device = contact?.devices[0]?.device_id ?? `X${index}`;
    const theirs = role === 'owner' || index > 0 ? 'change' : 'owner';
    return member(device, name, { role: name === 'Jon' ? 'read' : theirs, connected, in_step: connected });
  });
  return [own, ...others];
}

function member(device_id: string, name: string, rest: Partial<FolderMemberView>): FolderMemberView {
  return { device_id, name, role: 'change', this: false, connected: false, in_step: false, ...rest };
}

function someFiles(coming: number, staying: number): FolderFileView[] {
  const file = (path: string, bytes: number, state: FolderFileState = 'here') => ({
    path,
    folder: false,
    bytes,
    state,
  });
  const folder = (path: string) => ({ path, folder: true, bytes: 0, state: 'here' as const });
  const clips = Array.from({ length: coming }, (_, index) =>
    file(`video/clip ${String(index + 1).padStart(2, '0')}.mov`, 40 * MB, 'coming'),
  );
  return [
    file('.wherryignore', 18),
    file('budget.md', 3_100),
    folder('drawings'),
    file('drawings/north elevation.pdf', 2_400_000),
    file('drawings/site plan.pdf', 5_120_000),
    file('minutes.txt', 9_800, staying > 0 ? 'stays_here' : 'here'),
    file('schedule.ods', 44_000, staying > 1 ? 'stays_here' : 'here'),
    ...(coming > 0 ? [folder('video'), file('video/old cut.mov', 12 * MB, 'going'), ...clips] : []),
  ];
}

/** The one with conflicts: a text, a picture, and something that cannot be shown. */
function plans(): Shared {
  const conflicts = [
    conflict('budget.md', side(null, 58, 3_100), side('Jon', 73, 3_400)),
    conflict('drawings/poster.png', side('Jon', 190, 240), side(null, 205, 232)),
    conflict('schedule.ods', side('Mia', 61, 44_000), side('Jon', 400, 43_100)),
  ];
  const base = shared('f1', 'Plans 2027', ['Mia', 'Jon'], { state: 'up_to_date' }, { files: 412 });
  return {
    ...base,
    detail: {
      ...base.detail,
      conflicts: conflicts.length,
      notes: [{ note: 'left_out', count: 2, first: 'latest' }],
    },
    files: [
      ...base.files,
      ...conflicts.map(({ copy }): FolderFileView => ({
        path: copy,
        folder: false,
        bytes: 3_400,
        state: 'here',
      })),
      { path: 'drawings/poster.png', folder: false, bytes: 240, state: 'here' },
    ],
    conflicts,
    contents: {
      [conflicts[0]?.copy ?? '']: { present: text(BUDGET_HERE), kept: text(BUDGET_THERE) },
      [conflicts[1]?.copy ?? '']: { present: picture('#b0460f'), kept: picture('#1b7246') },
      [conflicts[2]?.copy ?? '']: { present: { content: 'unshown' }, kept: { content: 'unshown' } },
    },
    versions: [
      version('budget.md', 5, 2_900),
      version('budget.md', 60 * 26, 2_700),
      version('drawings/site plan.pdf', 60 * 50, 4_900_000),
      version('minutes.txt', 60 * 24 * 8, 9_100),
    ],
  };
}

function conflict(path: string, present: ConflictSide, kept: ConflictSide): ConflictView {
  const dot = path.lastIndexOf('.');
  const by = kept.by ?? 'Ana';
  return { path, copy: `${path.slice(0, dot)} (${by}, 12 May 13.47)${path.slice(dot)}`, present, kept };
}

/** Without a name it is one's own. */
function side(by: string | null, minutesAgo: number, bytes: number): ConflictSide {
  const modified_ms = NOON - minutesAgo * MINUTE_MS;
  return { by: by ?? "Ana's laptop", this: by === null, modified_ms, bytes };
}

export function version(path: string, minutesAgo: number, bytes: number): VersionView {
  const replaced_ms = NOON - minutesAgo * MINUTE_MS;
  return { version: `${path} ${replaced_ms}`, path, replaced_ms, bytes };
}

function text(text: string): ContentView {
  return { content: 'text', text, cut: false };
}

/** A picture of four pixels, so that a colour tells one from the other. */
function picture(colour: string): ContentView {
  const data = colour === '#b0460f' ? COPPER : GREEN;
  return { content: 'image', media: 'image/gif', data };
}

const COPPER = 'R0lGODdhAQABAIAAALBGDwAAACwAAAAAAQABAAACAkQBADs=';
const GREEN = 'R0lGODdhAQABAIAAABtyRgAAACwAAAAAAQABAAACAkQBADs=';
const BUDGET_HERE = `# Budget

Travel      1,450
Printing      300
Hall        2,200
`;
const BUDGET_THERE = `# Budget

Travel      1,200
Printing      380
Posters       210
Hall        2,200
`;
