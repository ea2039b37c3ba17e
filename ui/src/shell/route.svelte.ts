/** Where the window stands; in the address, so that a reload stays there. */
export type Route =
  | { place: 'people' }
  | { place: 'person'; contact: string }
  | { place: 'folders' }
  | { place: 'folder'; folder: string; part: FolderPart }
  | { place: 'activity' }
  | { place: 'add' }
  | { place: 'code' }
  | { place: 'devices' }
  | { place: 'settings' };

/** The parts of one folder, the first is shown first. */
export const FOLDER_PARTS = ['files', 'conflicts', 'people', 'versions', 'settings'] as const;
export type FolderPart = (typeof FOLDER_PARTS)[number];

const PLACES = ['people', 'folders', 'activity', 'add', 'code', 'devices', 'settings'] as const;

class Router {
  route = $state.raw<Route>(parse(location.hash));

  constructor() {
    window.addEventListener('hashchange', () => (this.route = parse(location.hash)));
  }

  go(route: Route): void {
    location.hash = hashOf(route);
  }
}

export function hashOf(route: Route): string {
  if (route.place === 'person') return `#/people/${encodeURIComponent(route.contact)}`;
  if (route.place === 'folder') return `#/folders/${encodeURIComponent(route.folder)}/${route.part}`;
  return `#/${route.place}`;
}

function parse(hash: string): Route {
  const [place, id, inside] = hash.replace(/^#\//, '').split('/');
  if (place === 'people' && id) return { place: 'person', contact: decoded(id) };
  if (place === 'folders' && id) {
    const part = FOLDER_PARTS.find((it) => it === inside) ?? 'files';
    return { place: 'folder', folder: decoded(id), part };
  }
  return { place: PLACES.find((it) => it === place) ?? 'people' };
}

/** An address may hold anything. */
function decoded(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}

export const router = new Router();
