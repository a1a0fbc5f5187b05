// The tables of ESP packets are the readable twins of the offsets that the packet path uses.
import { expect, test } from 'vitest'
import { equal, toHex, u32 } from '../../src/bytes/bytes.ts'
import { aeadShapes, cipherShapes, scarceCipherShapes } from '../../src/crypto/catalogue.ts'
import { espHeaderLength, espSequenceOffset, espTrailerLength } from '../../src/ipsec/framing.ts'
import { sealPacket } from '../../src/ipsec/packet.ts'
import { paddedLength, readTrailer, writeTrailer } from '../../src/ipsec/trailer.ts'
import { echoPacket } from '../../src/net/icmp.ts'
import { Decoder } from '../../src/wire/decode.ts'
import { Encoder } from '../../src/wire/encode.ts'
import { closedEsp, espTrailer, sealedEsp } from '../../src/wire/headers/esp.ts'
import { defaultLimits } from '../../src/wire/limits.ts'
import { alice, bob, pair, provider, spi, suites } from './fixtures.ts'

test.each(suites)('a packet sealed with $name is laid out as its table says (RFC 4303 §2)', (named) => {
  const { sender } = pair({ suite: named })
  const packet = echoPacket({ kind: 'request', source: alice[4], destination: bob[4], identifier: 1, sequence: 2, data: new Uint8Array(9) })
  const { bytes } = sealPacket(sender, packet, 'esp')
  const keys = { encryption: sender.install.encryptionKey, integrity: sender.install.integrityKey }
  const cipher = provider.packetCipher(sender.install.suite, keys) ?? expect.unreachable()
  const textLength = bytes.length - espHeaderLength - cipher.ivLength - cipher.icvLength

  const table = sealedEsp(cipher.ivLength, textLength, cipher.icvLength)
  const sealed = new Decoder(bytes, 0, defaultLimits).decode(table) ?? expect.unreachable()
  expect(sealed).toMatchObject({ spi, sequence: u32(bytes, espSequenceOffset) })
  const textAt = espHeaderLength + cipher.ivLength
  expect(toHex(sealed.iv)).toBe(toHex(bytes.subarray(espHeaderLength, textAt)))
  expect(toHex(sealed.text)).toBe(toHex(bytes.subarray(textAt, textAt + textLength)))
  expect(toHex(sealed.icv)).toBe(toHex(bytes.subarray(textAt + textLength)))

  const encoder = new Encoder()
  encoder.encode(table, sealed, 0)
  expect(toHex(encoder.finish())).toBe(toHex(bytes))
  expect(new Decoder(bytes, 0, defaultLimits).decode(closedEsp)?.sealed.length).toBe(bytes.length - espHeaderLength)
})

test('the payload begins at a multiple of 8 octets behind the SPI, whatever the suite (RFC 4303 §2.3)', () => {
  const ivs = [...aeadShapes, ...cipherShapes, ...scarceCipherShapes].map((shape) =>
    'iv' in shape && shape.iv === 'implicit' ? 0 : shape.ivLength,
  )
  expect(new Set(ivs.map((ivLength) => (espHeaderLength + ivLength) % 8))).toEqual(new Set([0]))
})

test('trailers of all lengths are laid out as their table says (RFC 4303 §2.4 to §2.6)', () => {
  for (let length = 0; length < 40; length++)
    for (const alignment of [4, 16]) {
      const end = paddedLength(length, alignment)
      const text = new Uint8Array(end).fill(0xaa)
      writeTrailer(text, length, end, 17)
      const padLength = end - length - espTrailerLength
      const decoder = new Decoder(text.subarray(length), 0, defaultLimits)
      const trailer = decoder.decode(espTrailer(padLength)) ?? expect.unreachable(decoder.fault?.message)
      expect([trailer.padLength, trailer.nextHeader, decoder.at]).toEqual([padLength, 17, end - length])
      expect(equal(trailer.padding, text.subarray(length, length + padLength))).toBe(true)
      expect(readTrailer(text, 0, end)).toBe(length)
    }
})

test('padding that both refuse', () => {
  const text = Uint8Array.of(9, 1, 3, 2, 17)
  expect(readTrailer(text, 0, text.length)).toBe(-1)
  const decoder = new Decoder(text.subarray(1), 0, defaultLimits)
  expect(decoder.decode(espTrailer(2))).toBeUndefined()
  expect(decoder.fault).toMatchObject({ code: 'WIRE_VALUE_ILLEGAL', field: 'ESP.padding' })
})
