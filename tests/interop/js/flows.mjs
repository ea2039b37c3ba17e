import { Ours } from './ours.mjs';

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** MB/s in each second while `counted` grows. */
async function watch(counted, seconds) {
  const rates = [];
  let [before, at] = [await counted(), performance.now()];
  for (let second = 0; second < seconds; second += 1) {
    await sleep(1_000);
    const [bytes, now] = [await counted(), performance.now()];
    rates.push((bytes - before) / 1e3 / (now - at));
    [before, at] = [bytes, now];
  }
  return rates;
}

/** What the other stack does with itself. */
export async function alone(other, seconds) {
  const [from, to] = [await other.side(), await other.side()];
  try {
    await from.accept(await to.answer(true, await from.offer(true)));
    await from.opened();
    await from.fill();
    return await watch(() => to.received(), seconds);
  } finally {
    await from.end();
    await to.end();
  }
}

/** One direction between us and the other stack; whoever sends has made the offer, or not. */
export async function flow(program, other, { weSend, weOffer, seconds }) {
  const ours = new Ours(program, weOffer ? 'flow-offer' : 'flow-answer', 'loopback');
  const theirs = await other.side();
  try {
    if (weOffer) {
      ours.tellDescription(await theirs.answer(true, await ours.hearDescription()));
    } else {
      ours.tellDescription(await theirs.offer(true));
      await theirs.accept(await ours.hearDescription());
    }
    await ours.hear('open');
    await theirs.opened();
    if (weSend) ours.tell('fill');
    else await theirs.fill();
    return await watch(weSend ? () => theirs.received() : async () => ours.taken, seconds);
  } finally {
    await theirs.end();
    ours.end();
  }
}
