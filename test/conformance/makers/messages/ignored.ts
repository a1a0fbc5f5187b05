// What a recipient has to ignore, message by message. RFC 7296 §2.5: the content of all fields marked RESERVED MUST be ignored.
import { payloadType } from '../../../../src/iana/payloads.ts'
import { auth, cert, certreq, eapRequest, idFqdn, idIpv4, ke, nonce } from './auth-samples.ts'
import { cookie, cpReply, deleteEsp, notify, rekeySa, sk, skf, tsIpv4, tsIpv6, vendorId } from './child-samples.ts'
import { type Draft, type DraftFile, ignored } from './draft.ts'
import { saEspAh, saIke } from './sa-samples.ts'
import { homeOf, informational, message, request, type Sample } from './sample.ts'
import { named } from './sound.ts'

export const ignoredFile = (): DraftFile => ({
  name: 'messages/ignored.json',
  title: 'What a recipient ignores: reserved bits, flags, minor version, critical bits of known payloads',
  flags: {},
  drafts: [...headerBits(), ...oneOfEach.flatMap(payloadBits), ...others()],
})

const oneOfEach: readonly Sample[] = [
  saIke,
  ke,
  idFqdn,
  idIpv4,
  cert,
  certreq,
  auth,
  nonce,
  cookie,
  rekeySa,
  deleteEsp,
  vendorId,
  tsIpv4,
  tsIpv6,
  sk,
  skf,
  cpReply,
  eapRequest,
]

function headerBits(): readonly Draft[] {
  const flags = (id: string, title: string, bits: number): Draft =>
    ignored({ id, title, section: '3.1', octets: message(id, { ...request, flags: request.flags | bits }, [saIke, ke, nonce]) })
  const minor = (version: number): Draft =>
    ignored({
      id: `minor-version-${version}`,
      title: `Minor version ${version}`,
      section: '3.1',
      octets: message(`minor ${version}`, { ...request, version: 0x20 | version }, [saIke, ke, nonce]),
    })
  return [
    flags('flag-version', 'The flag V', 0x10),
    flags('flag-x0', 'The least significant X bit of the flags', 0x01),
    flags('flag-x1', 'The second X bit of the flags', 0x02),
    flags('flag-x2', 'The third X bit of the flags', 0x04),
    flags('flag-x6', 'The second most significant X bit of the flags', 0x40),
    flags('flag-x7', 'The most significant X bit of the flags', 0x80),
    flags('flags-all', 'All X bits and V', 0xd7),
    minor(1),
    minor(2),
    minor(15),
  ]
}

function payloadBits(each: Sample): readonly Draft[] {
  const changed = (id: string, title: string, section: string, change: (octets: Uint8Array) => void): Draft => {
    const octets = each.octets.slice()
    change(octets)
    return ignored({
      id: `${each.id}-${id}`,
      title: `${each.title}: ${title}`,
      section,
      octets: message(`${each.id} ${id}`, homeOf(each), [{ type: each.type, octets }]),
    })
  }
  const set = (offset: number, value: number) => (octets: Uint8Array) => {
    octets[offset] = value
  }
  const fields = each.reserved
  return [
    changed('critical', 'the critical bit, of a payload that is known', '3.2', set(1, 0x80)),
    changed('reserved-bits', 'all reserved bits of the generic payload header', '3.2', set(1, 0x7f)),
    ...(fields.length === 0
      ? []
      : [
          changed('reserved', 'all reserved octets', each.section, (octets) => {
            for (const offset of fields) octets[offset] = 0xff
          }),
          changed('reserved-last', 'one reserved bit', each.section, set(fields.at(-1) ?? 0, 0x01)),
        ]),
  ]
}

function others(): readonly Draft[] {
  const protocols = [1, 2, 3, 201].map((protocol) => {
    const id = `n-protocol-${protocol}-without-spi`
    return ignored({
      id,
      title: `N without an SPI, but with Protocol ID ${protocol}`,
      section: '3.10',
      octets: message(id, informational, [notify(id, '', protocol, '', 16_384, '')]),
    })
  })
  const attribute = cpReply.octets.slice()
  attribute[8] = 0x80
  const second = cpReply.octets.slice()
  second[16] = 0x80
  const everywhere = saEspAh.octets.slice()
  for (const offset of saEspAh.reserved) everywhere[offset] = 0x5a
  everywhere[1] = 0xff
  const unknown = named('unknown-200')
  const unknownBits = unknown.octets.slice()
  unknownBits[1] = 0x7f
  return [
    ...protocols,
    ignored({
      id: 'cp-attribute-reserved',
      title: 'CP: the reserved bit of the first attribute',
      section: '3.15.1',
      octets: message('cp reserved', homeOf(cpReply), [{ type: payloadType.CP, octets: attribute }]),
    }),
    ignored({
      id: 'cp-second-attribute-reserved',
      title: 'CP: the reserved bit of the second attribute',
      section: '3.15.1',
      octets: message('cp reserved 2', homeOf(cpReply), [{ type: payloadType.CP, octets: second }]),
    }),
    ignored({
      id: 'sa-esp-ah-everywhere',
      title: 'SA for ESP or AH: all that is reserved, and the critical bit',
      section: '3.3.2',
      octets: message('everywhere', homeOf(saEspAh), [{ type: payloadType.SA, octets: everywhere }]),
    }),
    ignored({
      id: 'unknown-reserved-bits',
      title: 'An unknown payload, not critical: all reserved bits',
      section: '3.2',
      octets: message('unknown bits', homeOf(unknown), [{ type: unknown.type, octets: unknownBits }]),
    }),
  ]
}
