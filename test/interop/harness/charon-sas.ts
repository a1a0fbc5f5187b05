// What `swanctl --list-sas` prints, as data.

export interface CharonIkeSa {
  readonly name: string
  readonly id: number
  /** `ESTABLISHED`, `REKEYED`, … */
  readonly state: string
  readonly initiatorSpi: string
  readonly responderSpi: string
  readonly children: readonly CharonChildSa[]
}

export interface CharonChildSa {
  readonly name: string
  readonly id: number
  /** `INSTALLED`, `REKEYED`, `DELETED`, … */
  readonly state: string
  /** Its algorithms, with a key exchange of its own where it has one. */
  readonly suite: string
  /** What it receives with, and what it sends with. */
  readonly inbound: number
  readonly outbound: number
  readonly packetsIn: number
  readonly packetsOut: number
}

export function parseSas(text: string): readonly CharonIkeSa[] {
  const ikeSas: (CharonIkeSa & { children: CharonChildSa[] })[] = []
  for (const part of text.split(/\n(?= {0,2}\S+: #\d+, )/)) {
    const ike = /^(\S+): #(\d+), (\w+), IKEv2, ([0-9a-f]{16})_i\*? ([0-9a-f]{16})_r/.exec(part)
    if (ike !== null) {
      const [, name = '', id = '', state = '', initiatorSpi = '', responderSpi = ''] = ike
      ikeSas.push({ name, id: Number(id), state, initiatorSpi, responderSpi, children: [] })
      continue
    }
    const child = /^ {2}(\S+): #(\d+), reqid \d+, (\w+), [^,]+, (?:ESP|AH):(\S+)/.exec(part)
    if (child === null) continue
    const [, name = '', id = '', state = '', suite = ''] = child
    const [inbound, packetsIn] = half(part, 'in')
    const [outbound, packetsOut] = half(part, 'out')
    ikeSas.at(-1)?.children.push({ name, id: Number(id), state, suite, inbound, outbound, packetsIn, packetsOut })
  }
  return ikeSas
}

function half(child: string, direction: 'in' | 'out'): readonly [spi: number, packets: number] {
  const found = new RegExp(`^ +${direction} +([0-9a-f]{8}).*?, +\\d+ bytes, +(\\d+) packets`, 'm').exec(child)
  return [Number.parseInt(found?.[1] ?? '0', 16), Number(found?.[2] ?? 0)]
}
