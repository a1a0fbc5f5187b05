// Trees of annotated octets, as text and as JSON; and that nothing which a peer writes can steer what shows it.
import { describe, expect, test } from 'vitest'
import { concat, fromHex, toHex, utf8 } from '../../../src/bytes/bytes.ts'
import { idType } from '../../../src/iana/identification.ts'
import { annotateIke, annotateIp } from '../../../src/inspect/annotate.ts'
import { annotationJson } from '../../../src/inspect/tree-json.ts'
import { formatTree } from '../../../src/inspect/tree-text.ts'
import { encodeMessage } from '../../../src/wire/codec.ts'
import type { Payload } from '../../../src/wire/message.ts'
import { messageSamples } from '../../wire/samples.ts'
import { everySpan, expectCovered } from './spans.ts'

const header = messageSamples[0]?.message.header ?? expect.unreachable()
const messageOf = (...payloads: readonly Payload[]): Uint8Array => encodeMessage({ header, payloads })
const nonce: Payload = { kind: 'NONCE', critical: false, nonce: new Uint8Array(16).fill(0xab) }

describe('a tree of text', () => {
  test('has an offset, the octets, a name, a value and a meaning in each line', () => {
    expect(formatTree(annotateIke(messageOf(nonce)))).toBe(
      [
        'IKE message, 48 octets',
        '0000                    IKE Header  RFC 7296 §3.1',
        "0000  0a0b0c0d0e0f1011    IKE SA Initiator's SPI",
        "0008  0000000000000000    IKE SA Responder's SPI",
        '0010  28                  Next Payload 40 (Nonce)',
        '0011  20                  Major Version, Minor Version 0x20 (Major Version 2, Minor Version 0)',
        '                            0010 ....  Major Version 2',
        '                            .... 0000  Minor Version 0',
        '0012  22                  Exchange Type 34 (IKE_SA_INIT)',
        '0013  08                  Flags 0x08 (Request of the original initiator)',
        '0014  00000000            Message ID 0',
        '0018  00000030            Length 48',
        '001c                    Nonce Payload  NONCE  RFC 7296 §3.9',
        '001c  00                  Next Payload 0 (No Next Payload)',
        '001d  00                  Critical, Reserved 0x00',
        '                            0... ....  Critical 0',
        '                            .000 0000  Reserved 0',
        '001e  0014                Payload Length 20',
        '0020  abababababababab…   Nonce Data abababababababababababababababab',
      ].join('\n'),
    )
  })

  test('says where and why it ends', () => {
    const bytes = messageOf(nonce).subarray(0, 30)
    bytes[27] = 30
    const lines = formatTree(annotateIke(bytes)).split('\n')
    expect(lines.slice(-4)).toEqual([
      '001d  00                  Critical, Reserved 0x00',
      '                            0... ....  Critical 0',
      '                            .000 0000  Reserved 0',
      '001e  WIRE_TRUNCATED: NONCE.length: takes 2 octets, but only 0 are left (RFC 7296 §3.9)',
    ])
  })

  test('is coloured by who prints it', () => {
    const marked = formatTree(annotateIke(messageOf(nonce).subarray(0, 40)), (format, text) => `<${format}>${text}</${format}>`)
    expect(marked).toContain('<bold>IKE Header</bold>')
    expect(marked).toContain('<red>not decoded')
  })
})

test('a tree of JSON has the octets, and leaves out what there is not', () => {
  const json = annotationJson(annotateIke(messageOf(nonce).subarray(0, 40)))
  expect(json).toMatchObject({ title: 'IKE message', authentication: 'none', octets: toHex(messageOf(nonce).subarray(0, 40)) })
  expect(json['fault']).toMatchObject({ code: 'WIRE_LENGTH_MISMATCH', offset: 24, rfc: 'RFC 7296 §3.1' })
  const text = JSON.stringify(json)
  expect(text).toContain(
    '"name":"Exchange Type","value":"34","rfc":"RFC 7296 §3.1","meaning":"IKE_SA_INIT","registry":"IKEv2 Exchange Types"',
  )
  expect(text).not.toContain('null')
})

describe('what a peer writes', () => {
  // Clears a terminal, turns the line around, ends a page's element and a fence, breaks a line, looks like an escape of ours.
  const attacks = [
    '\u001b[2J\u009b2J',
    'a\u202Etxt.exe\u2066',
    '</script><script>alert(1)</script>',
    '```\nend',
    'x\r\nforged: line',
    '\\x1b',
    '\u2028\u0000\uFEFF',
  ]

  test.each(attacks.map((attack) => [JSON.stringify(attack), attack]))('%s is shown, and does nothing', (_name, attack) => {
    const octets = utf8(attack)
    const bytes = messageOf(
      { kind: 'IDi', critical: false, identity: { type: idType.ID_FQDN, value: octets } },
      { kind: 'IDr', critical: false, identity: { type: idType.ID_KEY_ID, value: octets } },
      { kind: 'V', critical: false, vendorId: octets },
      { kind: 'CP', critical: false, type: 2, attributes: [{ type: 7, value: octets }] },
      { kind: 'N', critical: false, protocol: 0, spi: new Uint8Array(0), type: 24, value: octets },
    )
    const annotation = annotateIke(bytes)
    expectCovered(annotation.region)
    // Everything but the line ends of the tree itself is visible and directs nothing.
    const steering = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u
    for (const line of formatTree(annotation).split('\n')) expect(line).not.toMatch(steering)
    for (const { name, value, meaning } of everySpan(annotation.region)) expect(`${name}${value}${meaning}`).not.toMatch(steering)
    expect(JSON.stringify(annotationJson(annotation))).not.toMatch(steering)
    expect(annotation.summary.text).not.toMatch(steering)
  })

  test('a backslash cannot pass for an escape', () => {
    const bytes = messageOf({ kind: 'IDi', critical: false, identity: { type: idType.ID_FQDN, value: utf8('\\x1b') } })
    expect(formatTree(annotateIke(bytes))).toContain('(\\\\x1b)')
  })

  test('text without end is cut', () => {
    const bytes = messageOf({ kind: 'V', critical: false, vendorId: new Uint8Array(60_000).fill(0x61) })
    expect(formatTree(annotateIke(bytes)).length).toBeLessThan(3000)
  })

  test('octets that are no UTF-8 are shown one by one', () => {
    const bytes = messageOf({
      kind: 'IDi',
      critical: false,
      identity: { type: idType.ID_FQDN, value: fromHex('c328 41') ?? expect.unreachable() },
    })
    expect(formatTree(annotateIke(bytes))).toContain('\\xc3(A')
  })
})

test('a tree of a packet shows every bit of a field that has several', () => {
  const packet = concat(fromHex('45000014 abcd 6000 40fd 0000 c0000201 c0000202') ?? expect.unreachable())
  expect(
    formatTree(annotateIp(packet))
      .split('\n')
      .filter((line) => line.includes('.. ..') || line.includes('... .')),
  ).toEqual(
    expect.arrayContaining([
      "                            .1.. .... .... ....  Don't Fragment 1",
      '                            ..1. .... .... ....  More Fragments 1',
    ]),
  )
})
