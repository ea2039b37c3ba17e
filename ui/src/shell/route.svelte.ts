/** Where the window stands; in the address, so that a reload stays there. */
export type Route =
  | { place: 'people' }
  | { place: 'person'; contact: string }
  | { place: 'activity' }
  | { place: 'add' }
  | { place: 'code' }
  | { place: 'devices' }
  | { place: 'settings' };

const PLACES = ['people', 'activity', 'add', 'code', 'devices', 'settings'] as const;

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
  return route.place === 'person' ? `#/people/${encodeURIComponent(route.contact)}` : `#/${route.place}`;
}

function parse(hash: string): Route {
  const [place, id] = hash.replace(/^#\//, '').split('/');
  if (place === 'people' && id) return { place: 'person', contact: decoded(id) };
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
