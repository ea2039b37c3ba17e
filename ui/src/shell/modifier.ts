/** What the key for commands is called on this system. */
export const MODIFIER = navigator.userAgent.includes('Mac') ? '⌘' : 'Ctrl';
