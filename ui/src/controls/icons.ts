/** Outlines on a 24 × 24 grid, drawn with one thin stroke. */
export const ICONS = {
  people:
    'M12.5 8a3.5 3.5 0 1 1-7 0 3.5 3.5 0 0 1 7 0M2.5 20c.5-4 3-6 6.5-6s6 2 6.5 6M16 4.8a3.5 3.5 0 0 1 0 6.4M18.5 14.6c1.8.9 2.7 2.8 3 5.4',
  person: 'M15.5 8a3.5 3.5 0 1 1-7 0 3.5 3.5 0 0 1 7 0M5.5 20c.5-4 3-6 6.5-6s6 2 6.5 6',
  activity: 'M3 12h4l3-8 4 16 3-8h4',
  add: 'M12 5v14M5 12h14',
  link: 'M10 14a4 4 0 0 0 6 .5l3-3a4 4 0 0 0-6-6l-1.5 1.5M14 10a4 4 0 0 0-6-.5l-3 3a4 4 0 0 0 6 6l1.5-1.5',
  settings:
    'M15 12a3 3 0 1 1-6 0 3 3 0 0 1 6 0M12 2.5v3M12 18.5v3M2.5 12h3M18.5 12h3M5.3 5.3l2.1 2.1M16.6 16.6l2.1 2.1M5.3 18.7l2.1-2.1M16.6 7.4l2.1-2.1',
  search: 'M17 11a6 6 0 1 1-12 0 6 6 0 0 1 12 0M15.5 15.5 20 20',
  pause: 'M9 5v14M15 5v14',
  resume: 'M8 5.5v13l10-6.5z',
  close: 'M6 6l12 12M18 6 6 18',
  retry: 'M19 12a7 7 0 1 1-2.2-5.1M19.5 3.5V8H15',
  files: 'M7 3h7l4 4v14H7zM14 3v4h4',
  folder: 'M3 7a2 2 0 0 1 2-2h4l2 2.5h8a2 2 0 0 1 2 2V17a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2z',
  'folder-add':
    'M3 7a2 2 0 0 1 2-2h4l2 2.5h8a2 2 0 0 1 2 2V17a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2zM12 10.5v5.5M9.2 13.2h5.6',
  text: 'M4 6h16M4 11h16M4 16h9',
  paste: 'M8 5H6v16h12V5h-2M9 3h6v4H9z',
  more: 'M6.5 12a.8.8 0 1 1-1.6 0 .8.8 0 0 1 1.6 0M12.8 12a.8.8 0 1 1-1.6 0 .8.8 0 0 1 1.6 0M19.1 12a.8.8 0 1 1-1.6 0 .8.8 0 0 1 1.6 0',
  check: 'M5 12.5 10 17.5 19 7',
  expand: 'M7 10l5 5 5-5',
  back: 'M14.5 6 8.5 12l6 6',
  lock: 'M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3',
  receipt: 'M6 3v18l3-2 3 2 3-2 3 2V3zM9.5 8h5M9.5 12h5',
  up: 'M12 19V5M6 11l6-6 6 6',
  down: 'M12 5v14M6 13l6 6 6-6',
  warning: 'M12 4 2.5 20h19zM12 10v5M12 17.5h.01',
  copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
} as const;

export type IconName = keyof typeof ICONS;

/** Those that point along the line of reading. */
export const DIRECTIONAL: readonly IconName[] = ['back'];
