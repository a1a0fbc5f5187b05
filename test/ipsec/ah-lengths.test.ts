import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { ahLength } from '../../src/ipsec/ah/header.ts'
import { type PacketShape, effectiveMtu, sealedLength } from '../../src/ipsec/overhead.ts'
import { anyPacket } from '../net/arbitraries.ts'
import { ahSuites, type NamedSuite, pair, provider, seal } from './fixtures.ts'

const shapes = ahSuites.flatMap((suite) =>
  (['transport', 'tunnel'] as const).flatMap((mode) => ([4, 6] as const).map((version) => ({ suite, mode, version }))),
)
const macOf = ({ suite }: NamedSuite) => provider.packetMac(suite.integrity?.id ?? 0) ?? { ivLength: 0, icvLength: 0 }

test('what AH adds is told exactly, for every algorithm, mode and version', () => {
  for (const { suite, mode, version } of shapes) {
    for (const { bytes } of fc.sample(anyPacket(version, 'plain'), { seed: 53, numRuns: 4 })) {
      const shape: PacketShape = { mac: macOf(suite), mode, version, headerLength: version === 4 ? 20 : 40 }
      expect(seal(pair({ suite, mode, version }).sender, 'ip', bytes).packet(0)).toHaveLength(sealedLength(shape, bytes.length))
      expect(sealedLength(shape, effectiveMtu(shape, 1300))).toBe(1300)
      expect(effectiveMtu(shape, 24)).toBe(0)
    }
  }
})

test('RFC 4302 §2.2, §2.6: 12 octets and the ICV, in whole words over IPv4 and whole double words over IPv6', () => {
  const lengths = Object.fromEntries(ahSuites.map((suite) => [suite.name, [ahLength(macOf(suite), 4), ahLength(macOf(suite), 6)]]))
  expect(lengths).toMatchObject({
    AUTH_HMAC_SHA1_96: [24, 24],
    AUTH_HMAC_SHA2_256_128: [28, 32],
    AUTH_HMAC_SHA2_384_192: [36, 40],
    AUTH_HMAC_SHA2_512_256: [44, 48],
    AUTH_AES_128_GMAC: [36, 40],
  })
})
