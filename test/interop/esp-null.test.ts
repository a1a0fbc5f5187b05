// RFC 5879 on packets that we did not make: scapy seals, in the clear and with ciphers, and the classifier says which is which.
import { beforeAll, describe, expect, test } from 'vitest'
import { fromHex } from '../../src/bytes/bytes.ts'
import { linkType } from '../../src/inspect/capture/link.ts'
import { FrameDecoder } from '../../src/inspect/frame-decoder.ts'
import { must } from './harness/command.ts'

/** Prints one JSON object a line: a name, and five packets in hexadecimal. */
const script = `
import json
from scapy.all import IP, IPv6, TCP, UDP, ICMP, ICMPv6EchoRequest, Raw
from scapy.layers.ipsec import SecurityAssociation, ESP
def flow(name, crypt, key, auth, akey, version, tunnel, kind, spi):
    src, dst = ('192.0.2.1', '198.51.100.2') if version == 4 else ('2001:db8::a', '2001:db8:1::b')
    header = (IP if version == 4 else IPv6)(src=src, dst=dst)
    sa = SecurityAssociation(ESP, spi=spi, crypt_algo=crypt, crypt_key=key, auth_algo=auth, auth_key=akey, tunnel_header=header if tunnel else None)
    packets = []
    for n in range(5):
        data = bytes((n * 37 + i * 11) % 251 for i in range(20 + 9 * n))
        upper = {'TCP': TCP(sport=40001, dport=443, seq=1000 + 3000 * n, ack=77, flags='PA'), 'UDP': UDP(sport=40001, dport=53),
                 'ICMP': ICMP(id=7, seq=n) if version == 4 else ICMPv6EchoRequest(id=7, seq=n)}[kind]
        whole = (IP if version == 4 else IPv6)(src=src, dst=dst) / upper / Raw(data)
        packets.append(bytes(sa.encrypt(whole.__class__(bytes(whole)))).hex())
    print(json.dumps({'name': name, 'packets': packets}))
spi = 256
for crypt, key, auth, akey in [('NULL', None, 'HMAC-SHA1-96', b'k' * 20), ('NULL', None, 'HMAC-MD5-96', b'k' * 16), ('NULL', None, 'AES-CMAC-96', b'k' * 16),
        ('NULL', None, 'SHA2-256-128', b'k' * 32), ('NULL', None, 'SHA2-384-192', b'k' * 48), ('NULL', None, 'SHA2-512-256', b'k' * 64),
        ('AES-CBC', b'c' * 16, 'SHA2-256-128', b'k' * 32), ('AES-CBC', b'c' * 16, 'HMAC-SHA1-96', b'k' * 20), ('AES-CTR', b'c' * 20, 'SHA2-512-256', b'k' * 64),
        ('AES-GCM', b'c' * 20, 'NULL', None), ('AES-CCM', b'c' * 19, 'NULL', None), ('3DES', b'12345678abcdefghABCDEFGH', 'SHA2-256-128', b'k' * 32)]:
    for version in (4, 6):
        for tunnel in (False, True):
            for kind in ('TCP', 'UDP', 'ICMP'):
                flow(f"{crypt} {auth} IPv{version} {'tunnel' if tunnel else 'transport'} {kind}", crypt, key, auth, akey, version, tunnel, kind, spi)
                spi += 1
`
const icvLengths: Readonly<Record<string, number>> = {
  'HMAC-SHA1-96': 12,
  'HMAC-MD5-96': 12,
  'AES-CMAC-96': 12,
  'SHA2-256-128': 16,
  'SHA2-384-192': 24,
  'SHA2-512-256': 32,
}

interface Flow {
  readonly name: string
  readonly packets: readonly string[]
}
let flows: readonly Flow[] = []
beforeAll(async () => {
  const printed = await must(['/usr/bin/python3', '-W', 'ignore', '-c', script], { limit: 60_000 })
  flows = printed
    .trim()
    .split('\n')
    .map((line): Flow => JSON.parse(line))
})

const decoderOf = (flow: Flow): FrameDecoder => {
  const decoder = new FrameDecoder({ decryption: undefined, ports: [], scope: 'ipsec' })
  for (const [i, text] of flow.packets.entries()) {
    const octets = fromHex(text) ?? expect.unreachable(text)
    decoder.decode({ number: i + 1, offset: 0, at: 0n, linkType: linkType.raw, octets, originalLength: octets.length, comments: [] })
  }
  return decoder
}

describe('scapy', () => {
  test('what it does not encrypt is only authenticated, with the right ICV length, by the second packet', () => {
    const clear = flows.filter(({ name }) => name.startsWith('NULL'))
    expect(clear).toHaveLength(72)
    for (const flow of clear) {
      const verdict = decoderOf({ ...flow, packets: flow.packets.slice(0, 2) }).espFlows[0]?.verdict
      const icvLength = icvLengths[flow.name.split(' ')[1] ?? '']
      expect([flow.name, verdict]).toMatchObject([flow.name, { state: 'authenticated-only', icvLength, ivLength: 0 }])
    }
  })

  test('what it encrypts is encrypted', () => {
    const dark = flows.filter(({ name }) => !name.startsWith('NULL'))
    expect(dark).toHaveLength(72)
    for (const flow of dark) expect([flow.name, decoderOf(flow).espFlows[0]?.verdict.state]).toEqual([flow.name, 'encrypted'])
  })
})
