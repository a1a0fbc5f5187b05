import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Secret } from '../../src/bytes/secret.ts'
import { childSaId, espSpi, ikeSaId, ikeSpi } from '../../src/contract/units.ts'
import { pcapngStart } from '../../src/inspect/pcapng.ts'
import {
  dangerChildKeyRow,
  dangerIkeKeyRow,
  type DangerChildKeys,
  dangerKeyFiles,
  type DangerIkeKeys,
} from '../../src/inspect/wireshark-keys.ts'
import { encr, endpoint, integ, ke, prf } from './samples.ts'

const tshark = spawnSync('tshark', ['--version']).status === 0
const needsTshark = tshark ? '' : ' (SKIPPED: there is no tshark)'

const secret = (length: number, octet: number): Secret => new Secret(new Uint8Array(length).fill(octet))

function ikeKeys(encryption: [id: number, bits: number, octets: number], integrity?: [id: number, octets: number]): DangerIkeKeys {
  const [id, bits, octets] = encryption
  return {
    name: 'danger-ike-keys',
    ikeSa: ikeSaId(1),
    initiatorSpi: ikeSpi('0102030405060708'),
    responderSpi: ikeSpi('1112131415161718'),
    suite: {
      encryption: encr(id, bits),
      prf: prf(5),
      integrity: integrity && integ(integrity[0]),
      keyExchange: ke(31),
    },
    skEi: secret(octets, 0xa1),
    skEr: secret(octets, 0xa2),
    skAi: integrity && secret(integrity[1], 0xb1),
    skAr: integrity && secret(integrity[1], 0xb2),
  }
}

function childKeys(
  encryption: [id: number, bits: number | undefined, octets: number],
  integrity?: [id: number, octets: number],
  v6?: 'v6',
): DangerChildKeys {
  const [id, bits, octets] = encryption
  const [from, to] = v6 === undefined ? ['192.0.2.1', '192.0.2.2'] : ['2001:db8::1', '2001:db8::2']
  return {
    name: 'danger-child-keys',
    child: childSaId(1),
    spi: espSpi(0x0badcafe),
    source: endpoint(from, 4500),
    destination: endpoint(to, 4500),
    suite: {
      protocol: 3,
      encryption: encr(id, bits),
      integrity: integrity && integ(integrity[0]),
      extendedSequence: 'no-esn',
    },
    encryption: octets === 0 ? undefined : secret(octets, 0xc1),
    integrity: integrity && secret(integrity[1], 0xd1),
  }
}

const macs: [number, number][] = [
  [12, 32],
  [13, 48],
  [14, 64],
]

describe('rows of Wireshark key tables', () => {
  test('hold the keys of an IKE SA', () => {
    expect(dangerIkeKeyRow(ikeKeys([20, 128, 20]))).toBe(
      `0102030405060708,1112131415161718,${'a1'.repeat(20)},${'a2'.repeat(20)},"AES-GCM-128 with 16 octet ICV [RFC5282]",,,"NONE [RFC4306]"`,
    )
    expect(dangerIkeKeyRow(ikeKeys([12, 256, 32], [12, 32]))).toBe(
      `0102030405060708,1112131415161718,${'a1'.repeat(32)},${'a2'.repeat(32)},"AES-CBC-256 [RFC3602]",${'b1'.repeat(32)},${'b2'.repeat(32)},"HMAC_SHA2_256_128 [RFC4868]"`,
    )
  })

  test('hold the keys of a Child SA', () => {
    expect(dangerChildKeyRow(childKeys([20, 256, 36]))).toBe(
      `"IPv4","192.0.2.1","192.0.2.2","0x0badcafe","AES-GCM with 16 octet ICV [RFC4106]","0x${'c1'.repeat(36)}","NULL",""`,
    )
    expect(dangerChildKeyRow(childKeys([11, undefined, 0], [14, 64], 'v6'))).toBe(
      `"IPv6","2001:db8::1","2001:db8::2","0x0badcafe","NULL","","HMAC-SHA-512-256 [RFC4868]","0x${'d1'.repeat(64)}"`,
    )
  })

  test('say of ESN what later versions of Wireshark ask', () => {
    const keys = childKeys([20, 256, 36])
    expect(dangerChildKeyRow({ ...keys, suite: { ...keys.suite, extendedSequence: 'esn' } })).toMatch(/,"64-bit","0x00000000"$/)
  })

  test('are not made for ChaCha20-Poly1305, for which Wireshark 4.0 has no name', () => {
    expect(dangerIkeKeyRow(ikeKeys([28, 256, 36]))).toBeUndefined()
    expect(dangerChildKeyRow(childKeys([28, undefined, 36]))).toBeUndefined()
  })

  test.skipIf(!tshark)(`are accepted by tshark for every suite that it can open${needsTshark}`, () => {
    const ike: (string | undefined)[] = []
    const child: (string | undefined)[] = []
    for (const bits of [128, 192, 256]) {
      ike.push(dangerIkeKeyRow(ikeKeys([20, bits, bits / 8 + 4])))
      for (const mac of macs) ike.push(dangerIkeKeyRow(ikeKeys([12, bits, bits / 8], mac)))
      child.push(
        dangerChildKeyRow(childKeys([20, bits, bits / 8 + 4])),
        dangerChildKeyRow(childKeys([20, bits, bits / 8 + 4], undefined, 'v6')),
      )
      for (const mac of macs) child.push(dangerChildKeyRow(childKeys([12, bits, bits / 8], mac)))
    }
    for (const mac of macs) child.push(dangerChildKeyRow(childKeys([11, undefined, 0], mac)))

    expect(complaints(ike, child)).toBe('')
    expect(complaints(ike, [...child, '"IPv4","192.0.2.1","192.0.2.2","0x0badcafe","no such cipher","","NULL",""'])).toContain(
      'no such cipher',
    )
  })
})

/** What tshark says of the two tables, but for its remarks about root. */
function complaints(ike: readonly (string | undefined)[], child: readonly (string | undefined)[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'keys-'))
  writeFileSync(join(folder, 'empty.pcapng'), pcapngStart('test', 'none'))
  writeFileSync(join(folder, dangerKeyFiles.ike), `${ike.join('\n')}\n`)
  writeFileSync(join(folder, dangerKeyFiles.child), `${child.join('\n')}\n`)
  const run = spawnSync('tshark', ['-r', join(folder, 'empty.pcapng')], {
    env: { ...process.env, WIRESHARK_CONFIG_DIR: folder },
    encoding: 'utf8',
  })
  rmSync(folder, { recursive: true })
  return run.stderr.replace(/^Running as user .*\n/gm, '').trim()
}
