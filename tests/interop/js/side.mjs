/** One end of a connection on somebody else's stack. It runs in Node and, as text, in a page: it uses nothing from outside. */
export function makeSide(RTCPeerConnection) {
  const PIECE = 65_536;
  const sum = { received: 0, kinds: [] };
  const channels = new Map();
  const closed = new Set();
  const messages = new Map();
  let pc;
  let bulk;
  let isFilling = false;

  function begin(isFlow) {
    pc = new RTCPeerConnection({ iceServers: [] });
    if (isFlow) {
      pc.createDataChannel('control', { negotiated: true, id: 0 });
      bulk = pc.createDataChannel('bulk', { negotiated: true, id: 1 });
      bulk.binaryType = 'arraybuffer';
      bulk.onmessage = ({ data }) => (sum.received += data.byteLength);
      return;
    }
    // An offer must name the section.
    keep(pc.createDataChannel('first'));
    pc.ondatachannel = ({ channel }) => keep(channel);
  }

  function keep(channel) {
    channel.binaryType = 'arraybuffer';
    channels.set(channel.label, channel);
    closed.delete(channel.label);
    messages.set(channel.label, []);
    const isQuiet = channel.label.includes('quiet');
    const isOurs = !channel.label.startsWith('theirs');
    channel.onmessage = ({ data }) => {
      messages.get(channel.label).push(describe(data));
      if (!isOurs && !isQuiet) channel.send(data);
    };
    channel.onclose = () => closed.add(channel.label);
  }

  /** Kind, length, and whether every byte is where it should be. */
  function describe(data) {
    if (typeof data === 'string') return `text ${data.length}`;
    const bytes = new Uint8Array(data);
    const isWhole = bytes.every((byte, at) => byte === at % 251);
    return `binary ${bytes.length}${isWhole ? '' : ' broken'}`;
  }

  const gathered = () =>
    new Promise((resolve) => {
      const look = () => pc.iceGatheringState === 'complete' && resolve();
      pc.onicegatheringstatechange = look;
      setTimeout(resolve, 3_000);
      look();
    });

  const until = async (what, holds, seconds = 20) => {
    const end = Date.now() + 1_000 * seconds;
    while (!holds()) {
      if (Date.now() > end) throw new Error(`not in time: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  };

  const pattern = (length) => Uint8Array.from({ length }, (_, at) => at % 251);

  async function fill() {
    const piece = new Uint8Array(PIECE);
    isFilling = true;
    bulk.bufferedAmountLowThreshold = 8 * PIECE;
    const mayFill = () => isFilling && bulk.readyState === 'open';
    while (mayFill()) {
      while (mayFill() && bulk.bufferedAmount < 16 * PIECE) bulk.send(piece);
      await new Promise((resolve) => {
        bulk.onbufferedamountlow = resolve;
        setTimeout(resolve, 20);
      });
    }
  }

  return {
    async offer(isFlow) {
      begin(isFlow);
      await pc.setLocalDescription(await pc.createOffer());
      await gathered();
      return pc.localDescription.sdp;
    },
    async answer(isFlow, sdp) {
      begin(isFlow);
      await pc.setRemoteDescription({ type: 'offer', sdp });
      await pc.setLocalDescription(await pc.createAnswer());
      await gathered();
      return pc.localDescription.sdp;
    },
    accept: (sdp) => pc.setRemoteDescription({ type: 'answer', sdp }),
    opened: (label) => until(`channel ${label ?? 'bulk'}`, () => (label ? channels.get(label) : bulk)?.readyState === 'open'),
    fill: () => void fill(),
    calm: () => void (isFilling = false),
    received: () => sum.received,
    open: (label, options) => keep(pc.createDataChannel(label, options)),
    describe: (label) => {
      const { ordered, maxRetransmits, maxPacketLifeTime } = channels.get(label);
      return { ordered, maxRetransmits, maxPacketLifeTime };
    },
    async send(label, length, count, isText) {
      const channel = channels.get(label);
      const piece = isText ? 'x'.repeat(length) : pattern(length);
      for (let number = 0; number < count; number += 1) {
        await until(`room on ${label}`, () => channel.bufferedAmount < 4_000_000);
        channel.send(piece);
      }
    },
    heard: async (label, count) => {
      await until(`${count} messages on ${label}`, () => (messages.get(label)?.length ?? 0) >= count);
      return messages.get(label);
    },
    countOf: (label) => messages.get(label)?.length ?? 0,
    closeChannel: (label) => channels.get(label).close(),
    closed: (label) => until(`the end of ${label}`, () => closed.has(label)),
    end: () => {
      isFilling = false;
      pc?.close();
    },
  };
}
