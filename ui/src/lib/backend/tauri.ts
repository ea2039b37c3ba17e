import { Channel, invoke } from '@tauri-apps/api/core';

import type { AnyReply, Backend, Drag, HostFacts, Picked, ShellEvent, Stop } from './backend';
import type { Event, SentTransfer } from './contract';

type Told = { engine: Event } | { shell: ShellEvent } | Drag;

/** Speaks to the engine through the desktop shell. */
export function tauriBackend(): Backend {
  const ear = listenOnce();
  return {
    ask: (command) => invoke<AnyReply>('ask', { command }),
    listen: ear.engine,
    host: {
      facts: () => invoke<HostFacts>('facts'),
      now: () => Date.now(),
      finishFirstRun: (chosen) => invoke('finish_first_run', chosen),
      pickFiles: () => invoke<Picked | null>('pick_files'),
      pickFolderToSend: () => invoke<Picked | null>('pick_folder_to_send'),
      pasteFiles: () => invoke<Picked | null>('paste_files'),
      chooseFolder: (current) => invoke<string | null>('choose_folder', { current }),
      choosePlace: (name) => invoke<string | null>('choose_place', { name }),
      openFolder: (folder) => invoke('open_folder', { folder }),
      watchDrags: ear.drag,
      watchShell: ear.shell,
      send: (picked, recipients, options) =>
        invoke<SentTransfer[]>('send_picked', { pick: picked.pick, recipients, options }),
      sendByCode: (picked, options) => invoke<string>('send_picked_by_code', { pick: picked.pick, options }),
      reveal: (transfer) => invoke('reveal', { transfer }),
      open: (transfer) => invoke('open', { transfer }),
      dragOut: (transfer) => invoke('drag_out', { transfer }),
      lookForUpdate: () => invoke<{ version: string } | null>('look_for_update'),
      installUpdate: () => invoke('install_update'),
      copy: (text) => invoke('copy', { text }),
      saveReceipt: (transfer) => invoke<boolean>('save_receipt', { transfer }),
      exportIdentity: (passphrase) => invoke<boolean>('export_identity', { passphrase }),
      importIdentity: (passphrase) => invoke<boolean>('import_identity', { passphrase }),
      notify: (notice) => invoke('notify', { notice }),
      labelTray: (labels) => invoke('label_tray', { labels }),
      setAutostart: (enabled) => invoke<boolean>('set_autostart', { enabled }),
      openLog: () => invoke('open_log'),
      quit: () => invoke('quit'),
    },
  };
}

/** One channel carries everything that is told; each part of the page hears its own kind. */
function listenOnce() {
  const engine = new Set<(event: Event) => void>();
  const shell = new Set<(event: ShellEvent) => void>();
  const drag = new Set<(drag: Drag) => void>();
  const channel = new Channel<Told>();
  channel.onmessage = (told) => {
    if ('engine' in told) engine.forEach((hear) => hear(told.engine));
    else if ('shell' in told) shell.forEach((hear) => hear(told.shell));
    else drag.forEach((hear) => hear(told));
  };
  let opened = false;
  const joining = <T>(hearers: Set<(it: T) => void>) => {
    return (hear: (it: T) => void): Stop => {
      hearers.add(hear);
      // Whatever listens from the start has joined when the first message comes.
      if (!opened) queueMicrotask(() => void invoke('listen', { channel }));
      opened = true;
      return () => void hearers.delete(hear);
    };
  };
  return { engine: joining(engine), shell: joining(shell), drag: joining(drag) };
}
