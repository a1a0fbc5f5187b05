// SAs and policies that are put into a Linux kernel by hand: ip-xfrm(8). Echo messages between two addresses are protected, nothing else:
// neighbour discovery would be, too, and then nobody would find anybody.
import type { ManualPair, ManualSa } from './manual.ts'

export interface KernelWords {
  /** `ALGO-TYPE NAME KEY…` of `ip xfrm state`, for keys in hexadecimal. */
  readonly algorithms: (sa: ManualSa) => string
  readonly flags?: readonly string[]
  /** More of the state that it sends by. */
  readonly outbound?: string
}

/** Where packets are from and for: the outer addresses in transport mode. Ours first. */
export type Inside = readonly [ours: string, theirs: string]

/** The script that makes the pair in the kernel of the peer, and nothing beside it. `pair` is from our side. */
export function kernelScript(pair: ManualPair, words: KernelWords, [ours, theirs]: Inside): string {
  const { local, remote, protocol, mode, lastSequence } = pair
  // Left to itself Linux pads AH over IPv4 to 64 bits; RFC 4302 §2.2 says 32.
  const flags = [...(words.flags ?? []), ...(protocol === 'ah' && !local.includes(':') ? ['align4'] : [])]
  const state = (source: string, destination: string, sa: ManualSa, more: string): string =>
    `xfrm state add src ${source} dst ${destination} proto ${protocol} spi ${sa.spi} mode ${mode} ${more} ${flags.length === 0 ? '' : `flag ${flags.join(' ')}`} ${words.algorithms(sa)}`
  const before = (name: 'seq' | 'oseq'): string =>
    lastSequence === undefined ? '' : `replay-${name} ${lastSequence.low} replay-${name}-hi ${lastSequence.high}`
  const policy = (direction: 'in' | 'out', source: string, destination: string, template: string, message: string): string =>
    `xfrm policy add dir ${direction} src ${source} dst ${destination} ${message} tmpl ${template} proto ${protocol} mode ${mode}`
  const messages = echoMessages(ours, mode)
  const lines = [
    'xfrm state flush',
    'xfrm policy flush',
    state(local, remote, pair.outbound, `replay-window 64 ${before('seq')}`),
    state(remote, local, pair.inbound, `replay-window 64 ${before('oseq')} ${words.outbound ?? ''}`),
    ...messages.map((message) => policy('out', theirs, ours, `src ${remote} dst ${local}`, message)),
    ...messages.map((message) => policy('in', ours, theirs, `src ${local} dst ${remote}`, message)),
  ]
  // One process for all: to start one costs a guest a while.
  return `ip -batch - <<'END'\n${lines.join('\n')}\nEND`
}

function echoMessages(address: string, mode: ManualPair['mode']): readonly string[] {
  // Inside of a tunnel there are no neighbours.
  if (mode === 'tunnel') return ['']
  return address.includes(':') ? ['proto ipv6-icmp type 128', 'proto ipv6-icmp type 129'] : ['proto icmp']
}
