import type { Finding } from '../contract';

/** A device behind a symmetric NAT, whose network lets no UDP to the relay. */
export const FINDINGS: Finding[] = [
  good('addresses', 'only_v4'),
  good('local_network', 'lan_open', 2),
  good('proxy', 'no_proxy'),
  good('server', 'server_answers', 34),
  good('clock', 'clock_agrees'),
  good('udp', 'udp_works', 21),
  {
    topic: 'nat',
    verdict: 'limited',
    case: 'nat_symmetric',
    value: null,
    fact: 'The NAT shows this device to each destination at another address (symmetric).',
    consequence: 'Devices behind such a NAT, or behind a strict one, are reached through a relay.',
    advice: 'Where speed matters, use a network with another router.',
  },
  good('relay_tls', 'relay_reached', 87),
];

function good(topic: Finding['topic'], name: Finding['case'], value: number | null = null): Finding {
  return { topic, verdict: 'good', case: name, value, fact: '', consequence: null, advice: null };
}
