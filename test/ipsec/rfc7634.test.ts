import { expect, test } from 'vitest'
import { fromHex, u16 } from '../../src/bytes/bytes.ts'
import { Secret } from '../../src/bytes/secret.ts'
import type { SaInstall } from '../../src/contract/install.ts'
import { address, endpoint, open, outcomes, packets, pair, providers, seal, spi, suites } from './fixtures.ts'

const octets = (text: string): Uint8Array => fromHex(text) ?? new Uint8Array(0)
const count = (from: number, length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => from + i)

/** An echo request from 198.51.100.5 to 192.0.2.5. */
const source = octets(`
  45 00 00 54 a6 f2 00 00 40 01 e7 78 c6 33 64 05 c0 00 02 05 08 00 5b 7a 3a 08 00 00 55 3b ec 10
  00 07 36 27 08 09 0a 0b 0c 0d 0e 0f 10 11 12 13 14 15 16 17 18 19 1a 1b 1c 1d 1e 1f 20 21 22 23
  24 25 26 27 28 29 2a 2b 2c 2d 2e 2f 30 31 32 33 34 35 36 37`)
/** Tunnel mode from 203.0.113.153 to 203.0.113.5, SPI 01020304, sequence number 5. */
const whole = octets(`
  45 00 00 8c 23 45 00 00 40 32 de 5b cb 00 71 99 cb 00 71 05 01 02 03 04 00 00 00 05 10 11 12 13
  14 15 16 17 24 03 94 28 b9 7f 41 7e 3c 13 75 3a 4f 05 08 7b 67 c3 52 e6 a7 fa b1 b9 82 d4 66 ef
  40 7a e5 c6 14 ee 80 99 d5 28 44 eb 61 aa 95 df ab 4c 02 f7 2a a7 1e 7c 4c 4f 64 c9 be fe 2f ac
  c6 38 e8 f3 cb ec 16 3f ac 46 9b 50 27 73 f6 fb 94 e6 64 da 91 65 b8 28 29 f6 41 e0 76 aa a8 26
  6b 7f b0 f7 b1 1b 36 99 07 e1 ad 43`)

for (const provider of providers) {
  test(`RFC 7634 appendix A: the packet opens; ours differs from it only where the sender is free (${provider.name} provider)`, () => {
    const suite = suites.find(({ name }) => name === 'ChaCha20-Poly1305')
    if (suite === undefined) throw new Error('the suite is missing')
    const ends = { left: endpoint(address('203.0.113.153'), 0), right: endpoint(address('203.0.113.5'), 0) }
    const install = (): Partial<SaInstall> => ({
      spi: 0x01020304 as typeof spi,
      encryptionKey: new Secret(new Uint8Array([...count(0x80, 32), ...count(0xa0, 4)])),
    })
    const { sender, receiver } = pair({
      suite,
      provider,
      mode: 'tunnel',
      lastSequence: { high: 0, low: 4 },
      sending: { ...install(), local: ends.left, remote: ends.right },
      receiving: { ...install(), local: ends.right, remote: ends.left },
    })
    const opened = open(receiver, 'ip', undefined, whole)
    expect(outcomes(opened)).toEqual(['done'])
    expect(packets(opened)).toEqual([source])

    const ours = seal(sender, 'ip', source).packet(0)
    expect(ours).toHaveLength(whole.length)
    // The identification, and with it the checksum, and the IV, and with it the ciphertext, are the sender's choice.
    for (const [from, to] of [
      [0, 4],
      [6, 10],
      [12, 28],
    ] as const)
      expect(ours.subarray(from, to)).toEqual(whole.subarray(from, to))
    expect(u16(ours, 4)).toBe(5)
  })
}
