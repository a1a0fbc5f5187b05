// What the network says of our packets. The errors were made by scapy 2.5: RFC 792, RFC 1191 §4, RFC 4443 §3.
import { describe, expect, it } from 'vitest'
import { fromHex, putU16, toHex } from '../../src/bytes/bytes.ts'
import { checksum } from '../../src/net/checksum.ts'
import { readIcmpReport } from '../../src/net/icmp-report.ts'

const octets = (text: string): Uint8Array => fromHex(text) ?? expect.unreachable(text)

const sealed = 'cafe00010000000711111111111111111111111111111111'
const quoted4 = `4500002c000940004032b693c0000201c0000202${sealed}`
const quoted6 = `600000000018324020010db800000000000000000000000120010db8000000000000000000000002${sealed}`
const router6 = '20010db800090000000000000000000120010db8000000000000000000000001'

const tooBig4 = octets(`450000480001000040017ca9cb007109c00002010304a3f400000578${quoted4}`)
const protocol4 = octets(`450000480001000040017ca9cb007109c00002010302a96e00000000${quoted4}`)
const prohibited4 = octets(`4600004c000100004001e7a0cb007109c000020194040000030da96300000000${quoted4}`)
const tooBig6 = octets(`6000000000483a40${router6}02005b2b00000578${quoted6}`)
const prohibited6 = octets(`6000000000483a40${router6}010161a200000000${quoted6}`)
const protocol6 = octets(`6000000000483a4020010db800000000000000000000000220010db800000000000000000000000104015ea400000006${quoted6}`)

describe('an ICMP error', () => {
  it('says of a packet that it was too long', () => {
    expect(readIcmpReport(tooBig4)).toEqual({ kind: 'too-big', mtu: 1400, quoted: octets(quoted4) })
    expect(readIcmpReport(tooBig6)).toEqual({ kind: 'too-big', mtu: 1400, quoted: octets(quoted6) })
  })

  it('or that it did not arrive, and who says so', () => {
    const told = [protocol4, prohibited4, protocol6, prohibited6].map(readIcmpReport)
    expect(told.map((report) => (report?.kind === 'undelivered' ? report.reason : undefined))).toEqual([
      'protocol',
      'prohibited',
      'protocol',
      'prohibited',
    ])
    expect(told.map((report) => toHex(report?.quoted ?? new Uint8Array(0)))).toEqual([quoted4, quoted4, quoted6, quoted6])
  })

  it('says nothing where any octet of it is another (RFC 792, RFC 4443 §2.3)', () => {
    for (const [error, message] of [
      [tooBig4, 20],
      [tooBig6, 40],
    ] as const) {
      for (let at = message; at < error.length; at++) {
        const copy = error.slice()
        copy[at] = (copy[at] ?? 0) ^ 0x40
        expect(readIcmpReport(copy), String(at)).toBeUndefined()
      }
    }
    const elsewhere = tooBig6.slice()
    elsewhere[39] = 9
    expect(readIcmpReport(elsewhere)).toBeUndefined()
  })

  it('says nothing where it is cut off, a fragment, or of another kind', () => {
    for (let length = 0; length < tooBig4.length; length++) expect(readIcmpReport(tooBig4.subarray(0, length))).toBeUndefined()
    const fragment = tooBig4.slice()
    fragment[6] = 0x20
    expect(readIcmpReport(fragment)).toBeUndefined()
    for (const [type, code] of [
      [3, 5],
      [3, 14],
      [4, 0],
      [5, 1],
      [11, 0],
      [12, 0],
      [0, 0],
      [8, 0],
    ] as const) {
      const copy = tooBig4.slice()
      copy.set([type, code, 0, 0], 20)
      putU16(copy, 22, checksum(copy, 20, copy.length - 20, 0))
      expect(readIcmpReport(copy), `${type}/${code}`).toBeUndefined()
    }
  })

  it('of ICMPv6 may have any code where the packet was too big (RFC 4443 §3.2)', () => {
    const copy = tooBig6.slice()
    copy[41] = 1
    putU16(copy, 42, 0x5b2a)
    expect(readIcmpReport(copy)).toMatchObject({ kind: 'too-big', mtu: 1400 })
  })
})
