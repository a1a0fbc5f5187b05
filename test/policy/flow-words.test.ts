import { describe, expect, test } from 'vitest'
import { parseFlow } from '../../src/policy/flow-words.ts'
import { icmp, mobility, tcp, laterFragment } from './packets.ts'

describe('a flow in words', () => {
  test.each([
    ['out tcp 192.0.2.1:40000 192.0.2.2:443', tcp('192.0.2.1', 40_000, '192.0.2.2', 443)],
    ['in 6 [2001:db8::1]:1 [2001:db8::2]:65535', tcp('2001:db8::1', 1, '2001:db8::2', 65_535)],
    ['in icmp/8/0 192.0.2.1 192.0.2.2', icmp('192.0.2.1', '192.0.2.2', 8, 0)],
    ['out ipv6-icmp/135/0 fe80::1 [fe80::2]', icmp('fe80::1', 'fe80::2', 135, 0)],
    ['out mh/5 2001:db8::1 2001:db8::2', mobility('2001:db8::1', '2001:db8::2', 5)],
    ['out udp 192.0.2.1 192.0.2.2', laterFragment('192.0.2.1', '192.0.2.2', 17)],
  ])('%s is what a packet like that is', (text, { bytes, flow }) => {
    const parsed = parseFlow(text)
    if (!parsed.ok) throw new Error(parsed.fault.message)
    const written = parsed.value
    const { version, protocol, ports, sourcePort, destinationPort } = flow
    expect(written.flow).toMatchObject({ version, protocol, ports, sourcePort, destinationPort })
    expect(text.startsWith(written.direction)).toBe(true)
    const length = version === 4 ? 4 : 16
    const at = ({ source, destination }: typeof flow, all: Uint8Array): number[] =>
      [source, destination].flatMap((start) => [...all.subarray(start, start + length)])
    expect(at(written.flow, written.bytes)).toEqual(at(flow, bytes))
  })

  test.each([
    ['', '', 'the end of the flow is where out or in is expected'],
    ['oout tcp 1.2.3.4:1 1.2.3.5:2', 'oout', '"oout" is where out or in is expected; did you mean "out"?'],
    ['out tpc 1.2.3.4:1 1.2.3.5:2', 'tpc', '"tpc" is where a protocol such as tcp, udp, icmp/8/0 or 47 is expected; did you mean "tcp"?'],
    ['out icmp 1.2.3.4 1.2.3.5', 'icmp', '"icmp" is where icmp/TYPE/CODE, such as icmp/8/0 is expected'],
    ['out icmp/8/256 1.2.3.4 1.2.3.5', 'icmp/8/256', '"icmp/8/256" is where icmp/TYPE/CODE, such as icmp/8/0 is expected'],
    ['out mh ::1 ::2', 'mh', '"mh" is where mh/TYPE, such as mh/5 is expected'],
    ['out mh/5/0 ::1 ::2', 'mh/5/0', '"mh/5/0" is where mh/TYPE, such as mh/5 is expected'],
    ['out mh/256 ::1 ::2', 'mh/256', '"mh/256" is where mh/TYPE, such as mh/5 is expected'],
    ['out tcp/80 1.2.3.4 1.2.3.5', 'tcp/80', '"tcp/80" is where tcp alone: it has no types is expected'],
    [
      'out tcp 1.2.3.400:1 1.2.3.5:2',
      '1.2.3.400:1',
      '"1.2.3.400:1" is where the source: ADDR or ADDR:PORT, with brackets around an IPv6 address that has a port is expected',
    ],
    [
      'out tcp 1.2.3.4:1 1.2.3.5:65536',
      '1.2.3.5:65536',
      '"1.2.3.5:65536" is where the destination with a port from 0 to 65535 is expected',
    ],
    ['out gre 1.2.3.4:1 1.2.3.5', '1.2.3.4:1', '"1.2.3.4:1" is where the source without a port: this protocol has none is expected'],
    ['out tcp 1.2.3.4:1 1.2.3.5', '1.2.3.5', '"1.2.3.5" is where a port, as the other end has one is expected'],
    ['out tcp 1.2.3.4:1 [::1]:2', '[::1]:2', '"[::1]:2" is where an address of IPv4, as the source is one is expected'],
    [
      'out tcp 1.2.3.4:1',
      '',
      'the end of the flow is where the destination: ADDR or ADDR:PORT, with brackets around an IPv6 address that has a port is expected',
    ],
    ['out tcp 1.2.3.4:1 1.2.3.5:2 x', 'x', '"x" is where nothing is expected'],
  ])('%s has a wrong word', (text, word, message) => {
    const parsed = parseFlow(text)
    if (parsed.ok) throw new Error('it was read')
    expect(parsed.fault.message).toBe(message)
    expect(text.slice(parsed.fault.offset, parsed.fault.offset + word.length)).toBe(word)
    expect(parsed.fault.word).toBe(word)
  })
})
