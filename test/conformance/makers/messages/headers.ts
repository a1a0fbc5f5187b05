// Headers and chains of payloads that are wrong. RFC 7296 §3.1, §3.2, §3.14.
import { concat, putU16 } from '../../../../src/bytes/bytes.ts'
import { payloadType } from '../../../../src/iana/payloads.ts'
import { idFqdn, ke, nonce } from './auth-samples.ts'
import { cookie, deleteIke, sk, skf, tsIpv4, vendorId } from './child-samples.ts'
import { type Draft, type DraftFile, malformed } from './draft.ts'
import { withLength } from './lengths.ts'
import { saIke } from './sa-samples.ts'
import { authRequest, headerLength, homeOf, informational, message, request, type Sample } from './sample.ts'

export const headerFile = (): DraftFile => ({
  name: 'messages/header.json',
  title: 'Headers that are none, and Lengths that are not those of the datagram',
  flags: {},
  drafts: [...truncated(), ...versions(), ...spis(), ...lengths(), ...without()],
})

export const chainFile = (): DraftFile => ({
  name: 'messages/chain.json',
  title: 'Chains of payloads that are cut, go on where nothing is, end too early, or call a payload what it is not',
  flags: {},
  drafts: [...open(), ...early(), ...trailing(), ...notLast(), ...misnamed()],
})

const initiating: readonly Sample[] = [saIke, ke, nonce]
const whole = message('header', request, initiating)

const truncated = (): readonly Draft[] =>
  [0, 1, 4, 7, 8, 12, 15, 16, 17, 18, 19, 20, 23, 24, 26, 27].map((length) =>
    malformed({ id: `octets-${length}`, title: `${length} octets of a header`, section: '3.1', octets: whole.slice(0, length) }),
  )

const versions = (): readonly Draft[] =>
  [0x00, 0x0f, 0x10, 0x11, 0x30, 0x3f, 0x40, 0xf0, 0xff].map((version) =>
    malformed({
      id: `version-${version >> 4}-${version & 15}`,
      title: `Version ${version >> 4}.${version & 15}`,
      section: '2.5',
      octets: message('version', { ...request, version }, initiating),
    }),
  )

function spis(): readonly Draft[] {
  const nobody = message('nobody', request, initiating)
  nobody.fill(0, 0, 8)
  const halfNobody = message('half nobody', { ...informational, flags: 0x20 }, [deleteIke])
  halfNobody.fill(0, 0, 8)
  return [
    malformed({ id: 'initiator-spi-zero', title: "The initiator's SPI is zero", section: '3.1', octets: nobody }),
    malformed({
      id: 'initiator-spi-zero-response',
      title: "The initiator's SPI is zero, in a response",
      section: '3.1',
      octets: halfNobody,
    }),
    malformed({
      id: 'non-esp-marker',
      title: 'The Non-ESP Marker, which is no part of the message, is still before it',
      section: '3.1',
      octets: concat(Uint8Array.of(0, 0, 0, 0), whole),
    }),
  ]
}

function lengths(): readonly Draft[] {
  const right = whole.length
  const of = (id: string, length: number, title: string): Draft =>
    malformed({
      id: `length-${id}`,
      title: `Length ${length}, ${title}; ${right} would be right`,
      section: '3.1',
      octets: withLength(whole, length),
    })
  const shortened = (by: number): Draft =>
    malformed({
      id: `datagram-${by}-less`,
      title: `The datagram has ${by} octets less than Length`,
      section: '3.1',
      octets: whole.slice(0, right - by),
    })
  return [
    of('zero', 0, 'zero'),
    of('1', 1, 'less than the header'),
    of('27', 27, 'one less than the header'),
    of('28', 28, 'the header alone, but it names a payload'),
    of('29', 29, 'one octet of the first payload'),
    of('first', headerLength + saIke.octets.length, 'the first payload alone, but it names another'),
    of('minus-4', right - 4, 'four too small'),
    of('minus-1', right - 1, 'one too small'),
    of('plus-1', right + 1, 'one too large'),
    of('plus-4', right + 4, 'four too large'),
    of('65535', 65_535, 'more than there is'),
    of('2-31', 0x80000000, '2^31'),
    of('largest', 0xffffffff, 'the largest number'),
    of(
      'little-endian',
      Number.parseInt(
        right
          .toString(16)
          .padStart(8, '0')
          .replace(/(..)(..)(..)(..)/, '$4$3$2$1'),
        16,
      ),
      'little-endian',
    ),
    ...[1, 4, nonce.octets.length, nonce.octets.length + ke.octets.length].map(shortened),
  ]
}

function without(): readonly Draft[] {
  const nothing = message('nothing', informational, [])
  const named = (type: number, name: string): Draft => {
    const octets = nothing.slice()
    octets[16] = type
    return malformed({ id: `no-payload-but-${type}`, title: `A header that names ${name}, and nothing behind it`, section: '3.1', octets })
  }
  const silent = message('silent', informational, [deleteIke])
  silent[16] = 0
  return [
    malformed({ id: 'no-payload', title: 'A header without a payload', section: '3.1', octets: nothing }),
    named(payloadType.SA, 'SA'),
    named(payloadType.SK, 'SK'),
    named(payloadType.SKF, 'SKF'),
    named(200, 'a payload of type 200'),
    named(255, 'a payload of type 255'),
    malformed({
      id: 'next-payload-zero',
      title: 'Next Payload of the header is zero, but a payload follows',
      section: '3.1',
      octets: silent,
    }),
  ]
}

/** The last payload names another one, which is not there. */
function open(): readonly Draft[] {
  const names: readonly (readonly [number, string])[] = [
    [1, 'a payload of type 1'],
    [payloadType.SA, 'SA'],
    [payloadType.N, 'N'],
    [payloadType.V, 'V'],
    [payloadType.SK, 'SK'],
    [payloadType.SKF, 'SKF'],
    [200, 'a payload of type 200'],
    [255, 'a payload of type 255'],
  ]
  return names.flatMap(([type, name]) => {
    const octets = message('open', request, initiating)
    octets[octets.length - nonce.octets.length] = type
    const some = [1, 2, 3].map((count) => {
      const more = concat(octets, new Uint8Array(count).fill(type === 1 ? 0 : 0x21))
      return malformed({
        id: `open-${type}-and-${count}`,
        title: `The last payload names ${name}, of which ${count} octet${count === 1 ? ' is' : 's are'} there`,
        section: '3.2',
        octets: withLength(more, more.length),
      })
    })
    const none = malformed({ id: `open-${type}`, title: `The last payload names ${name}, but nothing follows`, section: '3.2', octets })
    return type === payloadType.N || type === 200 ? [none, ...some] : [none]
  })
}

/** A payload says that it is the last one, but others follow. */
const early = (): readonly Draft[] =>
  [saIke, ke].map((each, i) => {
    const octets = message('early', request, initiating)
    octets[headerLength + (i === 0 ? 0 : saIke.octets.length)] = 0
    return malformed({
      id: `ends-after-${each.id}`,
      title: `Next Payload of ${each.title} is zero, but payloads follow`,
      section: '3.2',
      octets,
    })
  })

const trailing = (): readonly Draft[] =>
  [1, 2, 3, 4, 8, 1000].map((count) => {
    const more = concat(whole, new Uint8Array(count))
    return malformed({
      id: `trailing-${count}`,
      title: `Behind the last payload, inside Length, there ${count === 1 ? 'is a zero octet' : `are ${count} zero octets`}`,
      section: '3.1',
      octets: withLength(more, more.length),
    })
  })

/** RFC 7296 §3.14, RFC 7383 §2.5. */
function notLast(): readonly Draft[] {
  const after: readonly Sample[] = [cookie, sk, vendorId]
  return [sk, skf].flatMap((each) =>
    after.map((next) => {
      const id = `${each.id}-then-${next.id}`
      return malformed({
        id,
        title: `${each.title} is not the last payload: ${next.title} follows`,
        document: each.document,
        section: each.section,
        octets: message(id, authRequest, [each, next]),
      })
    }),
  )
}

/** A payload under another's type, of which it has not got the form. */
function misnamed(): readonly Draft[] {
  const pairs: readonly (readonly [Sample, number, string])[] = [
    [vendorId, payloadType.SA, 'SA'],
    [vendorId, payloadType.TSi, 'TSi'],
    [vendorId, payloadType.EAP, 'EAP'],
    [cookie, payloadType.D, 'D'],
    [deleteIke, payloadType.NONCE, 'NONCE'],
    [tsIpv4, payloadType.SA, 'SA'],
    [idFqdn, payloadType.TSr, 'TSr'],
    [idFqdn, payloadType.EAP, 'EAP'],
    [saIke, payloadType.TSi, 'TSi'],
    [ke, payloadType.SA, 'SA'],
    [nonce, payloadType.CP, 'CP'],
  ]
  return pairs.map(([each, type, name]) => {
    const id = `${each.id}-as-${name.toLowerCase()}`
    const octets = each.octets.slice()
    putU16(octets, 2, octets.length)
    return malformed({
      id,
      title: `${each.title} under the type of ${name}`,
      section: '3.2',
      octets: message(id, homeOf(each), [{ type, octets }]),
    })
  })
}
