// Messages that are right: every payload at its bounds, whole messages, any order, unknown payloads, all values of the header.
import { exchange } from '../../../../src/iana/exchanges.ts'
import { auth, authSamples, cert, certreq, idFqdn, idIpv4, idIpv6, ke, nonce, request as certificateRequest } from './auth-samples.ts'
import {
  childSamples,
  cookie,
  cpReply,
  deleteEsp,
  deleteIke,
  notFound,
  rekeySa,
  sk,
  skf,
  tsIpv4,
  tsIpv6,
  vendorId,
} from './child-samples.ts'
import { type Draft, type DraftFile, valid } from './draft.ts'
import { saEsp, saIke, saRekey, saSamples } from './sa-samples.ts'
import { authRequest, childRequest, type Envelope, homeOf, informational, message, request, type Sample, unknownSample } from './sample.ts'

export const allSamples: readonly Sample[] = [...saSamples, ...authSamples, ...childSamples]

export const payloadsFile = (): DraftFile => ({
  name: 'messages/payloads.json',
  title: 'Every payload, alone in a message, at the bounds of what it may hold',
  flags: {},
  drafts: allSamples.map((each) =>
    valid({
      id: each.id,
      title: each.title,
      document: each.document,
      section: each.section,
      octets: message(each.id, homeOf(each), [each]),
    }),
  ),
})

export const wholeFile = (): DraftFile => ({
  name: 'messages/whole.json',
  title: 'Messages of several payloads, in any order, with unknown ones among them; every value of the header',
  flags: {},
  drafts: [...headers(), ...exchanges(), ...orders(), ...unknowns()],
})

const response: Envelope = { ...request, flags: 0x20 }

function headers(): readonly Draft[] {
  const of = (id: string, title: string, changes: Partial<Envelope>): Draft =>
    valid({ id, title, section: '3.1', octets: message(id, { ...informational, ...changes }, [deleteEsp]) })
  return [
    of('request-of-initiator', 'Request of the original initiator', { flags: 0x08 }),
    of('request-of-responder', 'Request of the original responder', { flags: 0x00 }),
    of('response-of-responder', 'Response of the original responder', { flags: 0x20 }),
    of('response-of-initiator', 'Response of the original initiator', { flags: 0x28 }),
    of('message-id-0', 'Message ID 0', { messageId: 0 }),
    of('message-id-middle', 'Message ID 2^31', { messageId: 0x80000000 }),
    of('message-id-last', 'Message ID 2^32 - 1', { messageId: 0xffffffff }),
    of('exchange-create-child-sa', 'CREATE_CHILD_SA', { exchangeType: exchange.CREATE_CHILD_SA }),
    of('exchange-private-use', 'an exchange type for private use', { exchangeType: 240 }),
    of('exchange-last', 'exchange type 255', { exchangeType: 255 }),
  ]
}

function exchanges(): readonly Draft[] {
  const of = (id: string, title: string, section: string, envelope: Envelope, ...samples: readonly Sample[]): Draft =>
    valid({ id, title, section, octets: message(id, envelope, samples) })
  const natSource = named('n-nat-source')
  const natDestination = named('n-nat-destination')
  return [
    of('init-request', 'IKE_SA_INIT request', '1.2', request, saIke, ke, nonce),
    of(
      'init-request-notifications',
      'IKE_SA_INIT request with notifications',
      '2.23',
      request,
      saIke,
      ke,
      nonce,
      natSource,
      natDestination,
    ),
    of(
      'init-request-vendor',
      'IKE_SA_INIT request with Vendor IDs',
      '3.12',
      request,
      saIke,
      ke,
      nonce,
      vendorId,
      named('v-text'),
      vendorId,
    ),
    of('init-request-cookie', 'IKE_SA_INIT request with a cookie', '2.6', request, cookie, saIke, ke, nonce),
    of('init-response', 'IKE_SA_INIT response', '1.2', response, saIke, ke, nonce, certreq),
    of('init-response-invalid-ke', 'IKE_SA_INIT response that wants another group', '2.7', response, named('n-invalid-ke')),
    of('init-response-cookie', 'IKE_SA_INIT response that wants a cookie', '2.6', response, cookie),
    of('auth-request-sk', 'IKE_AUTH request', '1.2', authRequest, sk),
    of('auth-request-skf', 'IKE_AUTH request, a fragment', '3.14', authRequest, skf),
    of('auth-notify-sk', 'A notification in clear before the Encrypted payload', '3.14', authRequest, natSource, sk),
    of('auth-vendor-skf', 'A Vendor ID in clear before the Encrypted Fragment payload', '3.14', authRequest, vendorId, skf),
    of('auth-clear', 'All payloads of an IKE_AUTH request, as they are inside SK', '1.2', authRequest, ...insideAuth),
    of(
      'child-clear',
      'All payloads of CREATE_CHILD_SA that rekeys, as they are inside SK',
      '1.3.3',
      childRequest,
      rekeySa,
      saEsp,
      nonce,
      ke,
      tsIpv4,
      tsIpv6,
    ),
    of('rekey-clear', 'All payloads that rekey an IKE SA, as they are inside SK', '1.3.2', childRequest, saRekey, nonce, ke),
    of('deletes', 'Two Delete payloads', '3.11', informational, deleteEsp, named('d-ah-three')),
    of('delete-and-notify', 'Delete and Notify', '1.4', informational, deleteIke, notFound, notFound),
    of(
      'four-certificates',
      'Four certificates, 3,000 octets and more',
      '3.6',
      authRequest,
      idFqdn,
      cert,
      named('cert-long'),
      cert,
      certificateOf(900),
      auth,
    ),
    of('hundred-vendors', 'A hundred Vendor IDs', '3.12', request, saIke, ...Array.from({ length: 100 }, () => named('v-1')), ke, nonce),
    of(
      'twice',
      'Payloads that may come more than once, each twice',
      '3.2',
      authRequest,
      ...[cert, certreq, cookie, vendorId].flatMap((each) => [each, each]),
    ),
  ]
}

const insideAuth = [idFqdn, cert, certreq, idIpv4, auth, cpReply, saEsp, tsIpv4, tsIpv6]
const certificateOf = (length: number): Sample => certificateRequest('long', 'forty-five authorities', 4, length)

function orders(): readonly Draft[] {
  const rfc = { section: '2.5' }
  const init = [saIke, ke, nonce] as const
  const permutations = [
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
  ].map((order) => order.flatMap((i) => init[i] ?? []))
  return [
    ...permutations.map((samples) => {
      const names = samples.map(({ id }) => id.split('-')[0] ?? '')
      return valid({
        ...rfc,
        id: `order-${names.join('-')}`,
        title: `IKE_SA_INIT request in the order ${names.join(', ').toUpperCase()}`,
        octets: message(`order ${names.join()}`, request, samples),
      })
    }),
    valid({
      ...rfc,
      id: 'order-auth-reversed',
      title: 'IKE_AUTH backwards',
      octets: message('reversed', authRequest, insideAuth.toReversed()),
    }),
    valid({
      ...rfc,
      id: 'order-notify-first',
      title: 'IKE_AUTH that begins with a notification and ends with IDi',
      octets: message('notify first', authRequest, [cookie, idIpv6, auth, saEsp, tsIpv4, tsIpv6, idFqdn]),
    }),
  ]
}

function unknowns(): readonly Draft[] {
  const of = (id: string, title: string, envelope: Envelope, ...samples: readonly Sample[]): Draft =>
    valid({ id: `unknown-${id}`, title, section: '2.5', octets: message(`unknown ${id}`, envelope, samples) })
  const empty = unknownSample('unknown-130', 'a payload of type 130', 130, '')
  const strange = named('unknown-200')
  return [
    of('first', 'An unknown payload, not critical, first', request, strange, saIke, ke, nonce),
    of('middle', 'An unknown payload, not critical, in the middle', request, saIke, strange, ke, nonce),
    of('last', 'An unknown payload, not critical, last', request, saIke, ke, nonce, strange),
    of('empty', 'An unknown payload of no octets, not critical', request, saIke, empty, ke, nonce),
    of(
      'several',
      'Unknown payloads, not critical, between all others',
      request,
      empty,
      saIke,
      strange,
      ke,
      named('unknown-1'),
      nonce,
      strange,
    ),
    of('before-sk', 'An unknown payload, not critical, before SK', authRequest, strange, sk),
    of('before-skf', 'An unknown payload, not critical, before SKF', authRequest, empty, skf),
    of('alone', 'Unknown payloads, not critical, and no others', informational, empty, strange, empty),
    of('in-response', 'An unknown payload, not critical, in a response', response, saIke, ke, nonce, strange),
    of('like-notify', 'An unknown payload that looks like a message', informational, unknownSample('u', 'u', 201, '29000008'.repeat(6))),
  ]
}

export function named(id: string): Sample {
  const found = allSamples.find((each) => each.id === id)
  if (found === undefined) throw new Error(`no sample is ${id}`)
  return found
}
