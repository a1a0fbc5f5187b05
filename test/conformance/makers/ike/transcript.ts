// Whole negotiations of two of our hosts in memory, from a seed, with all that they keep secret. RFC 7296 §1.2, §2.6, §2.7, §2.23.
import { fromHex, toHex, utf8 } from '../../../../src/bytes/bytes.ts'
import { dangerReveal } from '../../../../src/bytes/secret.ts'
import type { RandomSource } from '../../../../src/contract/random.ts'
import type { CryptoProvider, KeyExchange } from '../../../../src/crypto/provider.ts'
import { nodeProvider } from '../../../../src/crypto/providers/node.ts'
import { exchange } from '../../../../src/iana/exchanges.ts'
import type { JsonObject } from '../../../../src/inspect/describe.ts'
import { sortDatagrams } from '../../../../src/conformance/retrace/datagrams.ts'
import { perform } from '../../../../src/lab/perform.ts'
import type { Scenario, ScenarioHost } from '../../../../src/lab/scenario.ts'
import { placeOf, portsAt, setStage, type Stage } from '../../../../src/lab/stage.ts'
import { payloadOf } from '../../../../src/conformance/retrace/ike-sa.ts'
import { type DraftCase, type DraftFile, textOf } from './draft.ts'

export const transcript = (): DraftFile => ({
  name: 'ike/transcript.json',
  title: 'Whole negotiations with every value that lies between their octets. All keys were made for this file and protect nothing',
  kind: 'transcript',
  flags: {
    ThrowAwayKeys: 'All keys, shared and private, were made from a seed for this file. Whoever uses them elsewhere protects nothing',
    Cookie: 'The responder demands a cookie first: AUTH covers the request that has it (RFC 7296 §2.6)',
    InvalidKe: 'The responder wants another group than that of the first KE payload: AUTH covers the second request (RFC 7296 §2.7)',
    NatTraversal: 'Both sides use UDP port 4500, from IKE_AUTH on or from the beginning: the Non-ESP Marker is covered by nothing',
    NonceHalves: 'The PRF takes the first 64 bits of each nonce for SKEYSEED',
    TransportMode: 'Packets have no inner IP header',
    ExtendedSequence: 'Extended sequence numbers, whose upper half is zero here: it is authenticated all the same',
  },
  twin: 'RFC 7296 §1.2, §2.13 to §2.17, §3, RFC 5282, RFC 5930, RFC 4303, RFC 3526',
  // Wireshark 4.0 has no ChaCha20-Poly1305 for IKE.
  cases: plays.map((play, i) => ({ ...recorded(play, i), ...(play.ike.startsWith('chacha20') ? {} : { confirmedBy: ['tshark 4.0.17'] }) })),
})

/** What someone between the two, or a wrong secret, does to a negotiation. */
export const transcriptRefused = (): DraftFile => ({
  name: 'ike/transcript-refused.json',
  title: 'Negotiations that somebody has changed. All keys were made for this file and protect nothing',
  kind: 'transcript',
  flags: {
    ThrowAwayKeys: 'All keys, shared and private, were made from a seed for this file. Whoever uses them elsewhere protects nothing',
    Changed: 'One bit of a datagram has been changed',
    WrongSecret: 'The pre-shared key, or a private key, is not that of the datagrams',
  },
  twin: 'RFC 7296 §1.2, §2.13 to §2.17, §3, RFC 5282, RFC 4303, RFC 3526',
  cases: plays.filter(({ id }) => ['gcm16-128-x25519', 'cbc-256-sha256-modp2048'].includes(id)).flatMap(spoilt),
})

interface Play {
  readonly id: string
  readonly title: string
  readonly flags?: readonly string[]
  readonly ike: string
  /** Where the responder's differ. */
  readonly answering?: string
  readonly esp: string
  readonly mode: 'transport' | 'tunnel'
  readonly version: 4 | 6
  readonly key: string
  readonly identities?: readonly [string, string]
  readonly encapsulation?: 'force' | 'when-needed'
  /** `nat-t`: the first message goes to port 4500. */
  readonly start?: 'ike' | 'nat-t'
  /** Strangers make the responder demand a cookie. */
  readonly crowd?: 'crowd'
}

const plays: readonly Play[] = [
  {
    id: 'gcm16-128-x25519',
    title: 'AES-GCM-16 with 128 bits, SHA2-256, X25519; ESP in transport mode over IPv4',
    ike: 'aes128gcm16-prfsha256-x25519',
    esp: 'aes128gcm16-noesn',
    mode: 'transport',
    version: 4,
    key: 'throw-away key 1',
  },
  {
    id: 'cbc-256-sha256-modp2048',
    title: 'AES-CBC with 256 bits and HMAC-SHA2-256-128, MODP-2048; ESP likewise, tunnel mode over IPv4',
    ike: 'aes256-sha256-prfsha256-modp2048',
    esp: 'aes256-sha256-noesn',
    mode: 'tunnel',
    version: 4,
    key: 'throw-away key 2, which is longer than the sixty-four octets that a block of SHA2-256 has',
  },
  {
    id: 'cbc-128-sha1-ecp256',
    title: 'AES-CBC with 128 bits and HMAC-SHA1-96, PRF-HMAC-SHA1, ECP-256; transport mode over IPv6',
    ike: 'aes128-sha1-prfsha1-ecp256',
    esp: 'aes128-sha1-noesn',
    mode: 'transport',
    version: 6,
    key: 'throw-away key 3',
    identities: ['someone@host.example', 'keyid:responder'],
  },
  {
    id: 'xcbc-x25519',
    title: 'AES-CBC with 128 bits and AES-XCBC-96, PRF-AES128-XCBC, X25519; tunnel mode over IPv6',
    flags: ['NonceHalves'],
    ike: 'aes128-aesxcbc-prfaesxcbc-x25519',
    esp: 'aes128-aesxcbc-noesn',
    mode: 'tunnel',
    version: 6,
    key: 'short key',
  },
  {
    id: 'cmac-ecp256',
    title: 'AES-CTR with 128 bits and AES-CMAC-96, PRF-AES128-CMAC, ECP-256; ESP likewise, transport mode over IPv4',
    flags: ['NonceHalves'],
    ike: 'aes128ctr-aescmac-prfaescmac-ecp256',
    esp: 'aes128ctr-aescmac-noesn',
    mode: 'transport',
    version: 4,
    key: 'throw-away key 5',
    identities: ['192.0.2.1', '192.0.2.2'],
  },
  {
    id: 'chacha20-x25519',
    title: 'ChaCha20-Poly1305, SHA2-512, X25519; ESP with extended sequence numbers, tunnel mode over IPv4',
    flags: ['ExtendedSequence'],
    ike: 'chacha20poly1305-prfsha512-x25519',
    esp: 'chacha20poly1305-esn',
    mode: 'tunnel',
    version: 4,
    key: '生け花',
  },
  {
    id: 'gcm16-256-ecp384',
    title: 'AES-GCM-16 with 256 bits, SHA2-384, ECP-384; ESP NULL with HMAC-SHA2-384-192, transport mode over IPv6',
    ike: 'aes256gcm16-prfsha384-ecp384',
    esp: 'null-sha384-noesn',
    mode: 'transport',
    version: 6,
    key: 'throw-away key 7',
    identities: ['2001:db8::1', '2001:db8::2'],
  },
  {
    id: 'ccm8-modp2048',
    title: 'AES-CCM-8 with 192 bits, SHA2-256, MODP-2048; ESP AES-CCM-16 with extended sequence numbers, tunnel mode over IPv6',
    flags: ['ExtendedSequence'],
    ike: 'aes192ccm8-prfsha256-modp2048',
    esp: 'aes256ccm16-esn',
    mode: 'tunnel',
    version: 6,
    key: 'throw-away key 8',
  },
  {
    id: 'cookie',
    title: 'The responder demands a cookie; AES-GCM-16, X25519, transport mode over IPv4',
    flags: ['Cookie'],
    ike: 'aes128gcm16-prfsha256-x25519',
    esp: 'aes128gcm16-noesn',
    mode: 'transport',
    version: 4,
    key: 'throw-away key 9',
    crowd: 'crowd',
  },
  {
    id: 'invalid-ke',
    title: 'The responder wants ECP-256 where X25519 was sent; AES-CBC, transport mode over IPv6',
    flags: ['InvalidKe'],
    ike: 'aes256-sha512-prfsha512-x25519-ecp256',
    answering: 'aes256-sha512-prfsha512-ecp256',
    esp: 'aes256-sha512-noesn',
    mode: 'transport',
    version: 6,
    key: 'throw-away key 10',
  },
  {
    id: 'cookie-invalid-ke',
    title: 'The responder demands a cookie, then wants MODP-2048 where X25519 was sent; AES-GCM-16, tunnel mode over IPv4',
    flags: ['Cookie', 'InvalidKe'],
    ike: 'aes256gcm16-prfsha256-x25519-modp2048',
    answering: 'aes256gcm16-prfsha256-modp2048',
    esp: 'aes256gcm16-noesn',
    mode: 'tunnel',
    version: 4,
    key: 'throw-away key 11',
    crowd: 'crowd',
  },
  {
    id: 'nat-traversal',
    title: 'Both see a NAT and go to port 4500 for IKE_AUTH; AES-CBC with HMAC-SHA2-256-128, transport mode over IPv4',
    flags: ['NatTraversal'],
    ike: 'aes128-sha256-prfsha256-x25519',
    esp: 'aes128-sha256-noesn',
    mode: 'transport',
    version: 4,
    key: 'throw-away key 12',
    encapsulation: 'force',
  },
  {
    id: 'nat-traversal-from-the-start',
    title: 'IKE_SA_INIT goes to port 4500 already, and its Non-ESP Marker is not covered by AUTH; ChaCha20-Poly1305, tunnel mode over IPv6',
    flags: ['NatTraversal'],
    ike: 'chacha20poly1305-prfsha256-ecp256',
    esp: 'chacha20poly1305-noesn',
    mode: 'tunnel',
    version: 6,
    key: 'throw-away key 13',
    encapsulation: 'force',
    start: 'nat-t',
  },
  {
    id: 'gcm16-192-ecp521',
    title: 'AES-GCM-16 with 192 bits, SHA2-512, ECP-521; ESP GMAC, transport mode over IPv4',
    ike: 'aes192gcm16-prfsha512-ecp521',
    esp: 'aes256gmac-noesn',
    mode: 'transport',
    version: 4,
    key: 'throw-away key 14',
  },
]

const addresses = { 4: ['192.0.2.1', '192.0.2.2'], 6: ['2001:db8::1', '2001:db8::2'] } as const
const subnets = { 4: ['10.1.0.0/16', '10.2.0.0/16'], 6: ['fd00:1::/64', 'fd00:2::/64'] } as const

function scenarioOf(play: Play): Scenario {
  const host = (name: string, side: 0 | 1): ScenarioHost => {
    const identity = play.identities?.[side]
    return {
      name,
      address: addresses[play.version][side],
      ...(identity === undefined ? {} : { identity }),
      key: play.key,
      ike: side === 1 ? (play.answering ?? play.ike) : play.ike,
      esp: play.esp,
      mode: play.mode,
      encapsulation: play.encapsulation ?? 'when-needed',
      ...(play.mode === 'tunnel' ? { subnet: subnets[play.version][side] } : {}),
      ...(side === 1 && play.crowd === 'crowd' ? { accepts: 'anyone' as const } : {}),
    }
  }
  return { name: play.id, hosts: [host('initiator', 0), host('responder', 1)], steps: [], expect: [] }
}

/** Private keys by the public value that belongs to them, in hexadecimal. */
type PrivateKeys = Map<string, string>

/** A provider that tells the private keys that it makes. */
function telling(provider: CryptoProvider, told: PrivateKeys): CryptoProvider {
  const tell = (method: KeyExchange): KeyExchange => ({
    ...method,
    generate(random) {
      const pair = method.generate(random)
      told.set(toHex(pair.publicValue), toHex(dangerReveal(pair.privateKey)))
      return pair
    },
  })
  return {
    ...provider,
    keyExchange(id) {
      const method = provider.keyExchange(id)
      return method === undefined ? undefined : tell(method)
    },
  }
}

function spoilt(play: Play): readonly DraftCase[] {
  const { inputs, ...draft } = recorded(play, plays.indexOf(play))
  const sent = inputs.datagrams
  const refuse = (word: string, title: string, flag: string, changed: JsonObject): DraftCase => ({
    ...draft,
    id: `refused-${play.id}-${word}`,
    title,
    result: 'invalid',
    flags: ['ThrowAwayKeys', flag],
    inputs: { ...inputs, ...changed },
  })
  const bit = (word: string, title: string, index: number, at: number): DraftCase =>
    refuse(word, title, 'Changed', {
      datagrams: sent.map((datagram, i) => (i === index ? { ...datagram, octets: flipped(datagram.octets, at) } : datagram)),
    })
  return [
    // NAT_DETECTION_DESTINATION_IP is the last payload of both messages of IKE_SA_INIT, and no key depends on it.
    bit('init-request', 'A payload of the IKE_SA_INIT request on which no key depends: AUTH tells', 0, -1),
    bit('init-response', 'A payload of the IKE_SA_INIT response on which no key depends: AUTH tells', 1, -1),
    bit('auth-request', 'The IKE_AUTH request: its ICV tells', 2, -1),
    bit('auth-response', 'The header of the IKE_AUTH response: the ICV tells', 3, 20),
    bit('delete', 'The Delete: its ICV tells', 6, 40),
    bit('esp-spi', 'The SPI of the first packet', 4, 3),
    bit('esp-sequence', 'The sequence number of the first packet: its ICV tells', 4, 7),
    bit('esp-text', 'The text of the second packet: its ICV tells', 5, 30),
    refuse('shared-secret', 'Another pre-shared key', 'WrongSecret', { sharedSecret: `${textOf(inputs, 'sharedSecret')}0a` }),
    refuse('private-key-i', "The initiator's private key is not that of its KE payload", 'WrongSecret', {
      privateKeyI: flipped(textOf(inputs, 'privateKeyI'), 5),
    }),
    refuse('private-key-r', "The responder's private key is not that of its KE payload", 'WrongSecret', {
      privateKeyR: flipped(textOf(inputs, 'privateKeyR'), 5),
    }),
  ]
}

function flipped(text: string, at: number): string {
  const octets = fromHex(text) ?? new Uint8Array(0)
  const index = at < 0 ? octets.length + at : at
  octets[index] = (octets[index] ?? 0) ^ 1
  return toHex(octets)
}

const second = 1000

function recorded(play: Play, index: number): DraftCase & { readonly inputs: Recorded } {
  const scenario = scenarioOf(play)
  const told: PrivateKeys = new Map()
  const world = {
    seed: 7296 + index,
    provider: (options: { readonly random: RandomSource }) => telling(nodeProvider(options), told),
  }
  const stage = setStage(scenario, world)
  const { network } = stage
  if (play.crowd === 'crowd') {
    perform(scenario, world, stage, { do: 'crowd', host: 'responder' })
    // What the strangers are answered is not of this negotiation.
    network.run(second)
    network.sent.splice(0)
  }
  initiate(scenario, stage, play)
  network.run(second)
  perform(scenario, world, stage, { do: 'send', host: 'initiator', peer: 'responder' })
  network.run(second)
  perform(scenario, world, stage, { do: 'send', host: 'responder', peer: 'initiator' })
  network.run(second)
  perform(scenario, world, stage, { do: 'close', host: 'initiator' })
  network.run(second)
  return {
    id: play.id,
    title: play.title,
    section: '1.2, 2.13 to 2.17, 3.14',
    result: 'valid',
    flags: ['ThrowAwayKeys', ...(play.flags ?? []), ...(play.mode === 'transport' ? ['TransportMode'] : [])],
    inputs: inputsOf(play, stage, told),
  }
}

function initiate(scenario: Scenario, { network, cast }: Stage, { start = 'ike' }: Play): void {
  const [from, to] = [cast.get('initiator'), cast.get('responder')]
  if (from === undefined || to === undefined) throw new Error('the cast is not complete')
  const remote = portsAt(placeOf(scenario, from.role, to.role))
  const path = { start, local: portsAt(from.address), remote }
  network.command(from.host, { kind: 'initiate', connection: 'responder', child: 'child', path })
}

interface Recorded extends JsonObject {
  readonly datagrams: readonly { readonly from: string; readonly channel: string; readonly octets: string }[]
}

function inputsOf(play: Play, { network }: Stage, told: PrivateKeys): Recorded {
  const [initiator, responder] = addresses[play.version]
  const datagrams = network.sent
    .filter(({ local, remote }) => [local.address, remote.address].every((each) => each === initiator || each === responder))
    .map(({ channel, local, bytes }) => ({
      from: local.address === initiator ? ('initiator' as const) : ('responder' as const),
      channel,
      octets: bytes,
    }))
  return {
    addresses: { initiator, responder },
    sharedSecret: toHex(utf8(play.key)),
    privateKeyI: privateKeyOf('initiator', datagrams, told),
    privateKeyR: privateKeyOf('responder', datagrams, told),
    datagrams: datagrams.map(({ from, channel, octets }) => ({ from, channel, octets: toHex(octets) })),
  }
}

/** The key of the last KE payload that `role` sent. */
function privateKeyOf(role: 'initiator' | 'responder', datagrams: Parameters<typeof sortDatagrams>[0], told: PrivateKeys): string {
  const sorted = sortDatagrams(datagrams)
  if (!sorted.ok) throw new Error('the hosts sent what is no message')
  const publicValues = sorted.value.messages
    .filter(({ from, message }) => from === role && message.header.exchangeType === exchange.IKE_SA_INIT)
    .flatMap(({ message }) => payloadOf(message.payloads, 'KE')?.publicValue ?? [])
  const found = told.get(toHex(publicValues.at(-1) ?? new Uint8Array(0)))
  if (found === undefined) throw new Error(`nobody told the private key of the ${role}`)
  return found
}
