import { invoke } from '@tauri-apps/api/core';
import { listen } from '@tauri-apps/api/event';
import { getCurrentWebview } from '@tauri-apps/api/webview';
import { getCurrentWindow } from '@tauri-apps/api/window';

import type { AnyReply, Backend, Drag, HostFacts, Picked } from './backend';
import type { Event, SentTransfer } from './contract';

/** Speaks to the engine through the desktop shell. */
export function tauriBackend(): Backend {
  return {
    ask: (command) => invoke<AnyReply>('ask', { command }),
    listen: (hear) => later(listen<Event>('engine', ({ payload }) => hear(payload))),
    host: {
      facts: () => invoke<HostFacts>('facts'),
      now: () => Date.now(),
      finishFirstRun: (chosen) => invoke('finish_first_run', chosen),
      pickFiles: () => invoke<Picked | null>('pick_files'),
      pickFolderToSend: () => invoke<Picked | null>('pick_folder_to_send'),
      pasteFiles: () => invoke<Picked | null>('paste_files'),
      chooseFolder: (current) => invoke<string | null>('choose_folder', { current }),
      watchDrags,
      send: (picked, recipients, options) =>
        invoke<SentTransfer[]>('send_picked', { pick: picked.pick, recipients, options }),
      sendByCode: (picked, options) => invoke<string>('send_picked_by_code', { pick: picked.pick, options }),
      reveal: (transfer) => invoke('reveal', { transfer }),
      copy: (text) => navigator.clipboard.writeText(text),
    },
  };
}

function watchDrags(hear: (drag: Drag) => void) {
  return later(
    getCurrentWebview().onDragDropEvent(async ({ payload }) => {
      if (payload.type === 'leave') {
        hear({ drag: 'left' });
        return;
      }
      const scale = await scaleOfPositions();
      const x = payload.position.x / scale;
      const y = payload.position.y / scale;
      if (payload.type !== 'drop') {
        hear({ drag: payload.type === 'enter' ? 'entered' : 'moved', x, y });
        return;
      }
      // The shell noted the paths itself: the page asks for the drop by its id only.
      const picked = await invoke<Picked | null>('last_drop');
      hear(picked ? { drag: 'dropped', x, y, picked } : { drag: 'left' });
    }),
  );
}

/** Positions are physical pixels by their type, but only Windows delivers such. */
async function scaleOfPositions(): Promise<number> {
  return navigator.userAgent.includes('Windows') ? getCurrentWindow().scaleFactor() : 1;
}

function later(stop: Promise<() => void>): () => void {
  return () => void stop.then((it) => it());
}
