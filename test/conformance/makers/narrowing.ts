// Traffic selectors, offered and configured. RFC 7296 §2.9, §3.13.1.
import { narrowing } from '../../../src/conformance/kinds/narrowing.ts'
import { nodeProvider } from '../../../src/crypto/providers/node.ts'
import type { JsonObject } from '../../../src/inspect/describe.ts'
import { stream, type Stream } from '../../../src/lab/random.ts'
import { expectedOf, type MadeCase, type MadeFile } from './files.ts'
import { leavesNoChoice } from './narrowing-choice.ts'
import { any, opaque, type Selector, selector, type Sides, sides } from './selectors.ts'

export const narrowingFiles = (): readonly MadeFile[] => {
  const cases = [...narrowCases(), ...randomNarrow()]
  return [
    {
      name: 'narrowing/narrow.json',
      title: 'Narrowing of traffic selectors where nothing is left to choose',
      kind: 'narrowing',
      flags: {},
      cases: cases.filter(({ result }) => result !== 'acceptable'),
    },
    {
      name: 'narrowing/narrow-choice.json',
      title: 'Narrowing of traffic selectors where RFC 7296 leaves a choice: what is graded is our rule',
      kind: 'narrowing',
      flags: {
        OurChoice:
          'RFC 7296 §2.9 lets a responder take any acceptable subset that holds the first selectors of the offer, and leaves open how it is written; it may also ask for a single pair. Our rule: all that both sides have, in the order of the offer, each selector within one offered and one configured, none inside another. An implementation that answers otherwise may well be right.',
      },
      cases: cases.filter(({ result }) => result === 'acceptable'),
    },
    {
      name: 'narrowing/check.json',
      title: 'Answers to an offer of traffic selectors: whether they are a subset of it',
      kind: 'narrowing',
      flags: {},
      cases: [...checkCases(), ...randomChecks()],
    },
  ]
}

const provider = nodeProvider()
const source = { made: 'RFC 7296', section: '2.9', confirmedBy: ['twin written from RFC 7296 §2.9'] }

function narrowCase(name: string, title: string | undefined, offered: Sides, configured: Sides): MadeCase {
  const id = `narrowing-${name}`
  const inputs: JsonObject = { operation: 'narrow', offered: { ...offered }, configured: { ...configured } }
  const common = { id, ...(title === undefined ? {} : { title }), source }
  const answer = narrowing.answer(provider, inputs)
  if (answer.kind === 'invalid') return { ...common, result: 'invalid', inputs, expected: expectedOf(id, 'invalid', answer) }
  const clear = leavesNoChoice(offered.tsi, configured.tsi) && leavesNoChoice(offered.tsr, configured.tsr)
  const expected = expectedOf(id, 'valid', answer)
  return clear
    ? { ...common, result: 'valid', inputs, expected }
    : { ...common, result: 'acceptable', flags: ['OurChoice'], inputs, expected }
}

function checkCase(name: string, title: string | undefined, offered: Sides, answered: Sides): MadeCase {
  const id = `narrowing-check-${name}`
  const inputs: JsonObject = { operation: 'check', offered: { ...offered }, answered: { ...answered } }
  const answer = narrowing.answer(provider, inputs)
  const result = answer.kind === 'invalid' ? 'invalid' : 'valid'
  return { id, ...(title === undefined ? {} : { title }), source, result, inputs, expected: expectedOf(id, result, answer) }
}

// ---- by hand -------------------------------------------------------------------------------------------------------

const net = selector('198.51.100.0', '198.51.100.255')
const half = selector('198.51.100.0', '198.51.100.127')
const upperHalf = selector('198.51.100.128', '198.51.100.255')
const host = selector('198.51.100.43')
const otherNet = selector('203.0.113.0', '203.0.113.255')
const all4 = selector('0.0.0.0', '255.255.255.255')
const net6 = selector('2001:db8:1::', '2001:db8:1:ffff:ffff:ffff:ffff:ffff')
const host6 = selector('2001:db8:1::43')
const all6 = selector('::', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff')
const server = selector('192.0.2.66')
const tcp = 6
const udp = 17
const icmp = 1
const icmpv6 = 58

function narrowCases(): readonly MadeCase[] {
  const one = (name: string, title: string, offered: readonly Selector[], configured: readonly Selector[]): MadeCase =>
    narrowCase(name, title, sides(offered, [server]), sides(configured, [server]))
  return [
    one('same', 'The same on both sides', [net], [net]),
    one('within', 'What is offered is within what is configured', [half], [net]),
    one('host-within', 'One address within a network', [host], [net]),
    one('two-within', 'Two networks within two', [half, otherNet], [net, otherNet]),
    one('two-other-order', 'The order is that of the offer', [otherNet, half], [net, otherNet]),
    one('everything', 'Everything', [all4], [all4]),
    one('both-versions', 'IPv4 and IPv6', [all4, all6], [all6, all4]),
    one('wider', 'What is offered is wider', [net], [half]),
    one('everything-wider', 'Everything is offered, one address configured', [all4], [host]),
    one('overlap', 'Each has something that the other has not', [selector('198.51.100.64', '198.51.100.200')], [half]),
    one('one-address', 'One address in common', [selector('198.51.100.127', '198.51.100.200')], [half]),
    one('neighbours', 'Neighbours have nothing in common', [half], [upperHalf]),
    one('elsewhere', 'Another network', [net], [otherNet]),
    one('second-only', 'Only the second of the offer is ours', [otherNet, half], [net]),
    one('versions-differ', 'IPv4 offered, IPv6 configured', [net], [net6]),
    one('versions-mixed', 'Of both versions one is ours', [net, net6], [net6]),
    one(
      'mapped',
      'An IPv4 network is not the IPv6 network of the same octets',
      [net],
      [selector('::198.51.100.0', '::198.51.100.255')].map(canonical),
    ),
    one('packet-first', 'The packet that is waiting goes first, then the network', [host, net], [net]),
    one('packet-first-ports', 'The packet with protocol and port first', [selector('198.51.100.43', undefined, tcp, 49_152), net], [net]),
    one(
      'packet-first-refused',
      'The packet that is waiting is not ours, part of the network is',
      [selector('198.51.100.200'), net],
      [half],
    ),
    one('packet-first-narrowed', 'The packet is ours, the network in part', [host, net], [half]),
    one(
      'holes',
      'Two ranges of ours inside one of the offer',
      [net],
      [selector('198.51.100.10', '198.51.100.20'), selector('198.51.100.30', '198.51.100.40')],
    ),
    one(
      'overlapping-configured',
      'Ranges of ours that overlap',
      [net],
      [selector('198.51.100.0', '198.51.100.100'), selector('198.51.100.50', '198.51.100.150')],
    ),
    one('patched', 'One offered, patched together of two of ours', [net], [half, upperHalf]),
    one('tcp', 'TCP offered, all protocols configured', [{ ...net, protocol: tcp }], [net]),
    one('tcp-configured', 'All protocols offered, TCP configured', [net], [{ ...net, protocol: tcp }]),
    one('protocols-differ', 'TCP offered, UDP configured', [{ ...net, protocol: tcp }], [{ ...net, protocol: udp }]),
    one('port', 'A port within all of them', [selector('198.51.100.43', undefined, tcp, 443)], [{ ...host, protocol: tcp }]),
    one(
      'port-of-protocol',
      'All ports of all protocols offered, one port configured',
      [host],
      [selector('198.51.100.43', undefined, tcp, 443)],
    ),
    one(
      'port-ranges',
      'Port ranges that overlap',
      [selector('198.51.100.43', undefined, tcp, 1, 1024)],
      [selector('198.51.100.43', undefined, tcp, 1000, 2000)],
    ),
    one(
      'one-port',
      'Port ranges with one port in common',
      [selector('198.51.100.43', undefined, tcp, 1, 1000)],
      [selector('198.51.100.43', undefined, tcp, 1000, 2000)],
    ),
    one(
      'ports-differ',
      'Port ranges side by side',
      [selector('198.51.100.43', undefined, tcp, 1, 999)],
      [selector('198.51.100.43', undefined, tcp, 1000, 2000)],
    ),
    one('port-zero', 'Port 0 is a port', [selector('198.51.100.43', undefined, udp, 0, 0)], [{ ...host, protocol: udp }]),
    one('port-65535', 'Port 65535 is a port', [selector('198.51.100.43', undefined, udp, 65_535)], [{ ...host, protocol: udp }]),
    one('opaque', 'OPAQUE on both sides', [{ ...host, protocol: udp, ...opaque }], [{ ...host, protocol: udp, ...opaque }]),
    one('opaque-in-any', 'OPAQUE is part of ANY', [{ ...host, protocol: udp, ...opaque }], [host]),
    one('any-to-opaque', 'ANY is offered, OPAQUE configured', [host], [{ ...host, protocol: udp, ...opaque }]),
    one(
      'opaque-no-port',
      'OPAQUE is no port',
      [{ ...host, protocol: udp, ...opaque }],
      [selector('198.51.100.43', undefined, udp, 0, 65_534)],
    ),
    one('icmp-echo', 'ICMP Echo: type 8, code 0', [selector('198.51.100.43', undefined, icmp, 0x0800)], [{ ...host, protocol: icmp }]),
    one(
      'icmp-type',
      'One ICMP type with all its codes, of which one is configured',
      [selector('198.51.100.43', undefined, icmp, 0x0300, 0x03ff)],
      [selector('198.51.100.43', undefined, icmp, 0x0304)],
    ),
    one(
      'icmp-types-differ',
      'Other ICMP types',
      [selector('198.51.100.43', undefined, icmp, 0x0800)],
      [selector('198.51.100.43', undefined, icmp, 0x0300, 0x03ff)],
    ),
    one('icmp-versions', 'ICMP is not ICMPv6', [selector('2001:db8:1::43', undefined, icmp, 0x0800)], [{ ...host6, protocol: icmpv6 }]),
    one(
      'icmpv6-type',
      'ICMPv6 Echo within all of ICMPv6',
      [selector('2001:db8:1::43', undefined, icmpv6, 0x8000)],
      [{ ...net6, protocol: icmpv6 }],
    ),
    one('ipv6-host', 'One address of an IPv6 network', [host6], [net6]),
    one('ipv6-wider', 'An IPv6 network where one address is configured', [net6], [host6]),
    one('ipv6-edge', 'The last address of IPv6', [selector('ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff')], [all6]),
    one('ipv4-edge', 'The first and the last address of IPv4', [selector('0.0.0.0'), selector('255.255.255.255')], [all4]),
    one('twice', 'The same selector twice', [net, net], [net]),
    narrowCase('tsr-only', 'TSi is ours, TSr is not', sides([net], [server]), sides([net], [otherNet])),
    narrowCase('tsi-first', 'Neither is ours: TSi is told', sides([net], [server]), sides([otherNet], [host])),
    narrowCase('swapped', 'Ours the other way round', sides([net], [server]), sides([server], [net])),
    narrowCase('both-narrowed', 'Both sides are narrowed', sides([net], [otherNet]), sides([half], [selector('203.0.113.7')])),
    narrowCase(
      'rfc-example',
      'The example of RFC 7296 §2.9',
      sides(
        [selector('198.51.100.43', undefined, tcp, 49_152), net],
        [selector('192.0.2.66', undefined, tcp, 80), selector('192.0.2.0', '192.0.2.255')],
      ),
      sides([host], [selector('192.0.2.0', '192.0.2.255')]),
    ),
    narrowCase(
      'ports-by-side',
      'A port of the responder, all ports of the initiator',
      sides([{ ...net, protocol: tcp }], [selector('192.0.2.66', undefined, tcp, 443)]),
      sides([all4], [{ ...server, protocol: tcp }]),
    ),
  ]
}

function checkCases(): readonly MadeCase[] {
  const one = (name: string, title: string, offered: readonly Selector[], answered: readonly Selector[]): MadeCase =>
    checkCase(name, title, sides(offered, [server]), sides(answered, [server]))
  return [
    one('same', 'The same', [net], [net]),
    one('narrower', 'Narrower', [net], [half]),
    one('one-of-two', 'One of two', [net, otherNet], [otherNet]),
    one('other-order', 'In another order', [net, otherNet], [otherNet, net]),
    one('wider', 'Wider', [half], [net]),
    one('one-more', 'One address more', [half], [selector('198.51.100.0', '198.51.100.128')]),
    one('one-less-first', 'One address before', [half], [selector('198.51.99.255', '198.51.100.127')]),
    one('elsewhere', 'Another network', [net], [otherNet]),
    one('other-version', 'Another version', [net], [net6]),
    one('patched', 'One, patched together of two offered', [half, upperHalf], [net]),
    one('patched-hole', 'One over two offered with a hole between', [selector('198.51.100.0', '198.51.100.126'), upperHalf], [net]),
    one('protocol', 'A protocol of all', [net], [{ ...net, protocol: tcp }]),
    one('any-protocol', 'All protocols where one was offered', [{ ...net, protocol: tcp }], [net]),
    one('other-protocol', 'Another protocol', [{ ...net, protocol: tcp }], [{ ...net, protocol: udp }]),
    one('port', 'A port of all', [{ ...net, protocol: tcp }], [{ ...net, protocol: tcp, startPort: 443, endPort: 443 }]),
    one(
      'more-ports',
      'More ports',
      [{ ...net, protocol: tcp, startPort: 443, endPort: 443 }],
      [{ ...net, protocol: tcp, startPort: 443, endPort: 444 }],
    ),
    one(
      'all-ports',
      'All ports where all but OPAQUE were offered',
      [
        { ...net, protocol: tcp, startPort: 0, endPort: 65_534 },
        { ...net, protocol: tcp, startPort: 65_535, endPort: 65_535 },
      ],
      [{ ...net, protocol: tcp }],
    ),
    one(
      'all-ports-and-opaque',
      'All ports, patched together with OPAQUE',
      [
        { ...net, protocol: tcp, startPort: 0, endPort: 65_534 },
        { ...net, protocol: tcp, startPort: 65_535, endPort: 65_535 },
        { ...net, protocol: tcp, ...opaque },
      ],
      [{ ...net, protocol: tcp }],
    ),
    one('opaque', 'OPAQUE of all', [{ ...net, protocol: udp }], [{ ...net, protocol: udp, ...opaque }]),
    one(
      'opaque-for-port',
      'OPAQUE where a port was offered',
      [{ ...net, protocol: udp, startPort: 53, endPort: 53 }],
      [{ ...net, protocol: udp, ...opaque }],
    ),
    one('added', 'What was offered and something else', [net], [half, otherNet]),
    checkCase('tsr-wider', 'Only TSr is wider', sides([net], [server]), sides([net], [selector('192.0.2.66', '192.0.2.67')])),
    checkCase('swapped', 'The other way round', sides([net], [server]), sides([server], [net])),
  ]
}

// ---- from seeds ----------------------------------------------------------------------------------------------------

/** Small numbers, so that things meet. */
function randomSelector(random: Stream): Selector {
  const below = (limit: number): number => Math.floor(random.fraction() * limit)
  const first = below(12)
  const protocol = [0, 0, icmp, tcp, udp][below(5)] ?? 0
  const version = random.chance(0.8) ? '198.51.100.' : '2001:db8::'
  const text = (value: number): string => (version.includes(':') ? canonicalText(`${version}${value.toString(16)}`) : `${version}${value}`)
  const ports =
    protocol === 0
      ? any
      : ([any, any, opaque, { startPort: 20, endPort: 25 }, { startPort: 23, endPort: 30 }, { startPort: 25, endPort: 25 }][below(6)] ??
        any)
  return { protocol, ...ports, startAddress: text(first), endAddress: text(first + below(6)) }
}

const some = (random: Stream, most: number): readonly Selector[] =>
  Array.from({ length: 1 + Math.floor(random.fraction() * most) }, () => randomSelector(random))

function randomNarrow(): readonly MadeCase[] {
  return Array.from({ length: 60 }, (_, seed) => {
    const random = stream(seed, 'narrowing')
    return narrowCase(`random-${seed}`, undefined, sides(some(random, 3), some(random, 1)), sides(some(random, 3), [all4, all6]))
  })
}

function randomChecks(): readonly MadeCase[] {
  return Array.from({ length: 30 }, (_, seed) => {
    const random = stream(seed, 'check')
    const wide = some(random, 4)
    // Parts of what was offered, and now and then something else.
    const part = ({ startAddress, protocol, ...rest }: Selector): Selector => ({
      ...rest,
      startAddress,
      protocol,
      endAddress: random.chance(0.5) ? rest.endAddress : startAddress,
    })
    const answered = wide.map(part).slice(0, 1 + Math.floor(random.fraction() * wide.length))
    const more = random.chance(0.4) ? [randomSelector(random)] : []
    return checkCase(`random-${seed}`, undefined, sides(wide, [server]), sides([...answered, ...more], [server]))
  })
}

const canonicalText = (text: string): string => (text === '2001:db8::0' ? '2001:db8::' : text)
/** The mixed form is not canonical. */
const canonical = (mixed: Selector): Selector => ({ ...mixed, startAddress: '::c633:6400', endAddress: '::c633:64ff' })
