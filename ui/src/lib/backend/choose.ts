import type { Backend } from './backend';

/** The engine behind the desktop window; in a plain browser the scripted twin. */
export async function chooseBackend(): Promise<Backend> {
  if ('__TAURI_INTERNALS__' in window) {
    const { tauriBackend } = await import('./tauri');
    return tauriBackend();
  }
  const { mockBackend } = await import('./mock/mock');
  const query = new URLSearchParams(location.search);
  return mockBackend({ scenario: query.get('scenario') ?? 'people', still: query.has('still') });
}
