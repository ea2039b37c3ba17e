/** The element that an arrow key leads to in a list or a grid, read from where they stand on the page. */
export function neighbour<E extends HTMLElement>(all: E[], from: Element | null, key: string): E | null {
  const index = all.findIndex((it) => it === from);
  if (key === 'Home') return all[0] ?? null;
  if (key === 'End') return all.at(-1) ?? null;
  if (index < 0) return null;
  const forward = document.documentElement.dir === 'rtl' ? 'ArrowLeft' : 'ArrowRight';
  const backward = forward === 'ArrowLeft' ? 'ArrowRight' : 'ArrowLeft';
  if (key === forward) return all[index + 1] ?? null;
  if (key === backward) return all[index - 1] ?? null;
  if (key === 'ArrowDown') return inNextRow(all, index, 1);
  if (key === 'ArrowUp') return inNextRow(all, index, -1);
  return null;
}

function inNextRow<E extends HTMLElement>(all: E[], index: number, step: 1 | -1): E | null {
  const here = all[index]?.getBoundingClientRect();
  if (!here) return null;
  const rest = step === 1 ? all.slice(index + 1) : all.slice(0, index).reverse();
  const row = rest.find((it) => (it.getBoundingClientRect().top - here.top) * step > here.height / 2);
  if (!row) return null;
  const top = row.getBoundingClientRect().top;
  const candidates = rest.filter((it) => Math.abs(it.getBoundingClientRect().top - top) < 4);
  const distance = (it: E) => Math.abs(it.getBoundingClientRect().left - here.left);
  return candidates.sort((a, b) => distance(a) - distance(b))[0] ?? null;
}
