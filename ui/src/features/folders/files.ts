import type { FolderFileView } from '../../lib/backend/contract';

/** Folders before what is in them, and that before whatever else begins with their name: `a`, `a/b`, `a b`. */
export function inTreeOrder(files: FolderFileView[]): FolderFileView[] {
  const keyed = files.map((file) => ({ file, key: file.path.replaceAll('/', '\u0000') }));
  keyed.sort((one, other) => (one.key < other.key ? -1 : Number(one.key > other.key)));
  return keyed.map(({ file }) => file);
}
