import type { Session } from '../../lib/state/session.svelte';

/** Lets what arrived be dragged out of the window; "Show in folder" leads there without a drag. */
export function draggedOut(session: Session, transfer: string, arrived: boolean) {
  if (!arrived || !session.facts?.dragsOut) return {};
  const ondragstart = (event: DragEvent) => {
    // The page has no files: the system's own drag begins instead of the page's.
    event.preventDefault();
    void session.attempt(() => session.backend.host.dragOut(transfer));
  };
  return { draggable: true, ondragstart };
}
