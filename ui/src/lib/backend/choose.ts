import type { Backend } from './backend';

/** The engine behind the desktop window; in a plain browser the scripted twin, which packages do not have. */
export async function chooseBackend(): Promise<Backend> {
  if (import.meta.env.MODE !== 'package' && !('__TAURI_INTERNALS__' in window)) {
    const { mockBackend } = await import('./mock/mock');
    const query = new URLSearchParams(location.search);
    return mockBackend({ scenario: query.get('scenario') ?? 'people', still: query.has('still') });
  }
  const { tauriBackend } = await import('./tauri');
  return tauriBackend();
}
