import type { Drag, ShellEvent, Stop } from '../backend';

/** Drags of files over a browser's page, told as the desktop shell tells them. */
export function watchPageDrags(hear: (drag: Drag) => void): Stop {
  const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;
  const where = (event: DragEvent) => ({ x: event.clientX, y: event.clientY });
  const listeners: Record<string, (event: DragEvent) => void> = {
    dragenter: (event) => {
      event.preventDefault();
      if (hasFiles(event)) hear({ drag: 'entered', ...where(event) });
    },
    dragover: (event) => {
      event.preventDefault();
      if (hasFiles(event)) hear({ drag: 'moved', ...where(event) });
    },
    dragleave: (event) => {
      if (event.relatedTarget === null) hear({ drag: 'left' });
    },
    drop: (event) => {
      event.preventDefault();
      const files = [...(event.dataTransfer?.files ?? [])];
      const first = files[0]?.name ?? 'file';
      const bytes = files.reduce((sum, file) => sum + file.size, 0);
      const picked = { pick: first, first, count: Math.max(1, files.length), bytes };
      hear({ drag: 'dropped', ...where(event), picked });
    },
  };
  const entries = Object.entries(listeners) as [string, EventListener][];
  entries.forEach(([kind, listener]) => window.addEventListener(kind, listener));
  return () => entries.forEach(([kind, listener]) => window.removeEventListener(kind, listener));
}

/** What the desktop shell would tell; in a browser an event of the page stands for it. */
export function watchPageShell(hear: (event: ShellEvent) => void): Stop {
  const listener = (event: globalThis.Event) => hear((event as CustomEvent<ShellEvent>).detail);
  window.addEventListener('wherry-shell', listener);
  return () => window.removeEventListener('wherry-shell', listener);
}
