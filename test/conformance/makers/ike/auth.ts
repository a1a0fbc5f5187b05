// AUTH of a shared key: every PRF, keys and identities of many kinds, and the ways to get it wrong that have been seen. RFC 7296 §2.15.
import { concat, fromHex, toHex, utf8 } from '../../../../src/bytes/bytes.ts'
import { dangerReveal, Secret } from '../../../../src/bytes/secret.ts'
import { ikeSpi } from '../../../../src/contract/units.ts'
import { nodeProvider } from '../../../../src/crypto/providers/node.ts'
import { exchange } from '../../../../src/iana/exchanges.ts'
import { idType } from '../../../../src/iana/identification.ts'
import { notify } from '../../../../src/iana/notify.ts'
import { prf as prfNumbers } from '../../../../src/iana/transforms.ts'
import type { JsonObject } from '../../../../src/inspect/describe.ts'
import { encodeMessage } from '../../../../src/wire/codec.ts'
import type { Payload } from '../../../../src/wire/message.ts'
import { chance, type DraftCase, type DraftFile, textOf } from './draft.ts'
import { type PrfName, prfs } from './names.ts'

export const auth = (): DraftFile => ({
  name: 'ike/auth.json',
  title: 'What AUTH covers, and AUTH of a shared key',
  kind: 'auth',
  flags: {
    KeyLength: 'The shared key has not the length that the PRF prefers',
    EmptyKey: 'The shared key is empty: a configuration may well refuse that',
    NotAscii: 'The shared key is the UTF-8 of a text that is not ASCII',
    Reserved: 'RESERVED bits of the Identification payload are set: those in its body are covered, those in its generic header are not',
    UnknownPayload: 'IKE_SA_INIT has a payload that no document defines: it is covered like all others',
    Cookie: 'IKE_SA_INIT has a cookie: it is the last message, with the cookie, that is covered',
    Slip: 'AUTH was made in a way that implementations have got wrong',
  },
  twin: 'RFC 7296 §2.15, RFC 4434 §2, RFC 4615 §3',
  cases: [...everyPrf(), ...keyLengths(), ...texts(), ...identities(), ...messages(), ...changed(), ...slips()],
})

const octets = (text: string): Uint8Array => fromHex(text) ?? new Uint8Array(0)
const roles = ['initiator', 'responder'] as const
type Role = (typeof roles)[number]

/** One message of IKE_SA_INIT, whose proposals and public value are none. */
function initMessage(name: string, role: Role, nonce: string, extra: { readonly before?: Payload; readonly after?: Payload }): string {
  const payloads: readonly Payload[] = [
    ...(extra.before === undefined ? [] : [extra.before]),
    {
      kind: 'SA',
      critical: false,
      proposals: [{ number: 1, protocol: 1, spi: new Uint8Array(0), transforms: [{ type: 2, id: 5, attributes: [] }] }],
    },
    { kind: 'KE', critical: false, method: 31, publicValue: octets(chance(`${name} ${role} KE`, 32)) },
    { kind: 'NONCE', critical: false, nonce: octets(nonce) },
    ...(extra.after === undefined ? [] : [extra.after]),
  ]
  const header = {
    initiatorSpi: ikeSpi(chance(`${name} SPIi`, 8)),
    responderSpi: ikeSpi(role === 'initiator' ? '0000000000000000' : chance(`${name} SPIr`, 8)),
    majorVersion: 2,
    minorVersion: 0,
    exchangeType: exchange.IKE_SA_INIT,
    flags: role === 'initiator' ? 0x08 : 0x20,
    messageId: 0,
  }
  return toHex(encodeMessage({ header, payloads }))
}

/** Generic header and body; `set`: the bits after the critical one, and RESERVED. */
function identification(type: number, value: Uint8Array, set?: { readonly header: number; readonly body: string }): string {
  const body = concat(Uint8Array.of(type), octets(set?.body ?? '000000'), value)
  return toHex(concat(Uint8Array.of(0, set?.header ?? 0, 0, body.length + 4), body))
}

const fqdn = (text: string): string => identification(idType.ID_FQDN, utf8(text))
const usualKey = toHex(utf8('no secret, only for tests'))

interface Parts {
  readonly prf?: PrfName
  readonly role?: Role
  readonly sharedSecret?: string
  readonly identification?: string
  readonly extra?: Parameters<typeof initMessage>[3]
}

const sha256: PrfName = { prf: 'PRF_HMAC_SHA2_256', length: 32, word: 'sha256' }

function inputsOf(name: string, parts: Parts): JsonObject {
  const { prf = sha256, role = 'initiator', extra = {} } = parts
  const nonceI = chance(`${name} Ni`, 32)
  const nonceR = chance(`${name} Nr`, 24)
  return {
    prf: prf.prf,
    role,
    initRequest: initMessage(name, 'initiator', nonceI, extra),
    initResponse: initMessage(name, 'responder', nonceR, extra.before === undefined ? extra : {}),
    nonceI,
    nonceR,
    skPi: chance(`${name} SK_pi`, prf.length),
    skPr: chance(`${name} SK_pr`, prf.length),
    identification: parts.identification ?? fqdn(`${role}.example`),
    sharedSecret: parts.sharedSecret ?? usualKey,
  }
}

function compute(id: string, parts: Parts, more: Partial<DraftCase> = {}): DraftCase {
  return { id, section: '2.15', result: 'valid', inputs: { operation: 'compute', ...inputsOf(id, parts) }, ...more }
}

const everyPrf = (): readonly DraftCase[] => prfs.flatMap((prf) => roles.map((role) => compute(`${prf.word}-${role}`, { prf, role })))

function keyLengths(): readonly DraftCase[] {
  return prfs.flatMap((prf) => [
    compute(`${prf.word}-key-0`, { prf, sharedSecret: '' }, { result: 'acceptable', flags: ['EmptyKey'] }),
    ...[1, 15, 16, 17, 64, 65, 128, 129, 512]
      .filter((length) => length !== prf.length)
      .map((length) =>
        compute(`${prf.word}-key-${length}`, { prf, sharedSecret: chance(`key ${length}`, length) }, { flags: ['KeyLength'] }),
      ),
  ])
}

/** RFC 7296 §2.15: what a text becomes is specified by who takes it; octets are what goes into the PRF. */
const texts = (): readonly DraftCase[] =>
  prfs.map((prf) =>
    compute(`${prf.word}-not-ascii`, { prf, sharedSecret: toHex(utf8('žluťoučký kůň 生け花')) }, { flags: ['NotAscii', 'KeyLength'] }),
  )

const idSamples: readonly (readonly [string, number, string])[] = [
  ['ipv4', idType.ID_IPV4_ADDR, 'c0000201'],
  ['ipv6', idType.ID_IPV6_ADDR, '20010db8000000000000000000000001'],
  ['fqdn', idType.ID_FQDN, toHex(utf8('Host.Example'))],
  ['mail', idType.ID_RFC822_ADDR, toHex(utf8('someone@host.example'))],
  // CN=host.example
  ['dn', idType.ID_DER_ASN1_DN, '301731153013060355040313 0c686f73742e6578616d706c65'.replace(' ', '')],
  ['key-id', idType.ID_KEY_ID, '00ff00ff'],
  ['key-id-empty', idType.ID_KEY_ID, ''],
  ['unassigned', 200, 'deadbeef'],
]

const identities = (): readonly DraftCase[] => [
  ...idSamples.flatMap(([word, type, value]) =>
    roles.map((role) => compute(`id-${word}-${role}`, { role, identification: identification(type, octets(value)) })),
  ),
  ...roles.flatMap((role) => {
    const value = utf8(`${role}.example`)
    const reserved = (id: string, header: number, body: string): DraftCase =>
      compute(`${id}-${role}`, { role, identification: identification(idType.ID_FQDN, value, { header, body }) }, { flags: ['Reserved'] })
    return [reserved('reserved-body', 0, '5a00a5'), reserved('reserved-header', 0x7f, '000000'), reserved('critical', 0x80, '000000')]
  }),
]

const messages = (): readonly DraftCase[] =>
  roles.flatMap((role) => [
    compute(
      `unknown-payload-${role}`,
      { role, extra: { after: { kind: 'unknown', critical: false, type: 200, body: octets(chance('unknown', 40)) } } },
      { flags: ['UnknownPayload'] },
    ),
    compute(
      `cookie-${role}`,
      {
        role,
        extra: {
          before: { kind: 'N', critical: false, protocol: 0, spi: new Uint8Array(0), type: notify.COOKIE, value: octets('c0'.repeat(64)) },
        },
      },
      { flags: ['Cookie'] },
    ),
  ])

// ---- verification ----

const provider = nodeProvider()

/** AUTH by the formula, with any part of it exchanged. */
function authOf(prf: PrfName, secret: string, pad: Uint8Array, signed: Uint8Array): string {
  const number = Object.entries(prfNumbers).find(([name]) => name === prf.prf)?.[1] ?? 0
  const found = provider.prf(number)
  if (found === undefined) throw new Error('no such PRF')
  return toHex(found.compute(new Secret(found.compute(new Secret(octets(secret)), pad)), signed))
}

const pad = utf8('Key Pad for IKEv2')

function mac(prf: PrfName, key: string, text: Uint8Array): Uint8Array {
  const number = Object.entries(prfNumbers).find(([name]) => name === prf.prf)?.[1] ?? 0
  return provider.prf(number)?.compute(new Secret(octets(key)), text) ?? dangerReveal(new Secret(new Uint8Array(0)))
}

interface Signing {
  readonly message: Uint8Array
  readonly nonce: Uint8Array
  readonly macedId: Uint8Array
}

/** What `role` signs. */
function signing(inputs: JsonObject, role: Role, prf: PrfName): Signing {
  const of = (name: string): string => textOf(inputs, name)
  const [message, nonce, key] = role === 'initiator' ? ['initRequest', 'nonceR', 'skPi'] : ['initResponse', 'nonceI', 'skPr']
  const rest = octets(of('identification')).subarray(4)
  return { message: octets(of(message ?? '')), nonce: octets(of(nonce ?? '')), macedId: mac(prf, of(key ?? ''), rest) }
}

const joined = ({ message, nonce, macedId }: Signing): Uint8Array => concat(message, nonce, macedId)

/** The bit at the end of the octets. */
function flipped(text: string, at: number): string {
  const changedOctets = octets(text)
  changedOctets[at < 0 ? changedOctets.length + at : at] = (changedOctets.at(at) ?? 0) ^ 1
  return toHex(changedOctets)
}

function changed(): readonly DraftCase[] {
  const cases: DraftCase[] = []
  for (const prf of prfs)
    for (const role of roles) {
      const name = `verify-${prf.word}-${role}`
      const inputs = inputsOf(name, { prf, role })
      const right = { ...inputs, auth: authOf(prf, usualKey, pad, joined(signing(inputs, role, prf))) }
      const verify = (id: string, result: 'valid' | 'invalid', with_: JsonObject): DraftCase => ({
        id: `${name}${id}`,
        section: '2.15',
        result,
        inputs: { operation: 'verify', ...right, ...with_ },
      })
      const own = role === 'initiator' ? 'initRequest' : 'initResponse'
      const theirs = role === 'initiator' ? 'nonceR' : 'nonceI'
      const key = role === 'initiator' ? 'skPi' : 'skPr'
      const bit = (field: string, at: number): JsonObject => ({
        [field]: flipped(textOf(right, field), at),
      })
      cases.push(
        verify('', 'valid', {}),
        verify('-message-bit', 'invalid', bit(own, 40)),
        verify('-auth-last-bit', 'invalid', bit('auth', -1)),
      )
      // The rest does not depend on the PRF, but for how it takes its key.
      if (prf.word !== 'sha256' && prf.word !== 'cmac') continue
      cases.push(
        verify('-nonce-bit', 'invalid', bit(theirs, 0)),
        verify('-sk-p-bit', 'invalid', bit(key, -1)),
        verify('-identity-bit', 'invalid', bit('identification', -1)),
        verify('-reserved-bit', 'invalid', bit('identification', 7)),
        verify('-key-bit', 'invalid', bit('sharedSecret', -1)),
        verify('-auth-first-bit', 'invalid', bit('auth', 0)),
        verify('-auth-short', 'invalid', { auth: right.auth.slice(0, -2) }),
        verify('-auth-long', 'invalid', { auth: `${right.auth}00` }),
        verify('-auth-empty', 'invalid', { auth: '' }),
      )
    }
  return cases
}

/** HMAC pads shorter keys with zeros (RFC 2104 §2), as RFC 4434 §2 does: a null octet at the end of such a key changes nothing. */
const longKey = chance('long key', 64)

function slips(): readonly DraftCase[] {
  return roles.flatMap((role) =>
    [sha256, prfs[1] ?? sha256].flatMap((prf) => {
      const name = `slip-${prf.word}-${role}`
      const reserved = identification(idType.ID_FQDN, utf8(`${role}.example`), { header: 0, body: '000001' })
      const inputs = inputsOf(name, { prf, role, identification: reserved })
      const of = (field: string): string => textOf(inputs, field)
      const right = signing(inputs, role, prf)
      const other = signing(inputs, role === 'initiator' ? 'responder' : 'initiator', prf)
      const skP = of(role === 'initiator' ? 'skPi' : 'skPr')
      const id = octets(of('identification'))
      const slip = (word: string, title: string, value: string): DraftCase => ({
        id: `${name}-${word}`,
        title,
        section: '2.15',
        result: 'invalid',
        flags: ['Slip'],
        inputs: { operation: 'verify', ...inputs, auth: value },
      })
      const over = (parts: Partial<Signing>): string => authOf(prf, usualKey, pad, joined({ ...right, ...parts }))
      return [
        slip('marker', 'The Non-ESP Marker before the message is covered', over({ message: concat(new Uint8Array(4), right.message) })),
        slip('own-nonce', "The signer's own nonce is covered", over({ nonce: other.nonce })),
        slip('whole-id', 'The generic header of the Identification payload is covered', over({ macedId: mac(prf, skP, id) })),
        slip('id-data', 'Only the Identification Data are covered', over({ macedId: mac(prf, skP, id.subarray(8)) })),
        slip(
          'reserved-zeroed',
          'RESERVED is taken for zeros',
          over({ macedId: mac(prf, skP, concat(id.subarray(4, 5), new Uint8Array(3), id.subarray(8))) }),
        ),
        slip('id-in-clear', 'The Identification payload is covered without its MAC', over({ macedId: id.subarray(4) })),
        slip('other-sk-p', 'SK_p of the other direction', over({ macedId: other.macedId })),
        slip('other-message', 'The message of the other side is covered', over({ message: other.message })),
        slip('reflected', 'AUTH of the other side, sent back', authOf(prf, usualKey, pad, joined(other))),
        slip('pad-terminated', 'The pad has a null octet at its end', authOf(prf, usualKey, concat(pad, new Uint8Array(1)), joined(right))),
        {
          ...slip('key-terminated', 'The shared key has a null octet at its end', authOf(prf, `${longKey}00`, pad, joined(right))),
          inputs: { operation: 'verify', ...inputs, sharedSecret: longKey, auth: authOf(prf, `${longKey}00`, pad, joined(right)) },
        },
        slip('no-pad', 'There is no pad', toHex(mac(prf, usualKey, joined(right)))),
      ]
    }),
  )
}
