// Lengths, sizes and counts that lie, and payloads that are cut off. RFC 7296 §3.
import { putU16, putU32 } from '../../../../src/bytes/bytes.ts'
import { auth, cert, certreq, eapRequest, eapSuccess, idFqdn, idIpv4, idIpv6, ke, nonce } from './auth-samples.ts'
import { cookie, cpReply, deleteEsp, deleteIke, rekeySa, sk, skf, tsIpv4, tsIpv6, vendorId } from './child-samples.ts'
import { type Draft, type DraftFile, malformed } from './draft.ts'
import { saEsp, saEspAh, saIke, saTlv } from './sa-samples.ts'
import { homeOf, message, type Sample, type Size } from './sample.ts'
import { named } from './sound.ts'

export const sizesFile = (): DraftFile => ({
  name: 'messages/sizes.json',
  title: 'Lengths, sizes and counts that are too small, too large, zero or the largest number',
  flags: {},
  drafts: sized.flatMap((each) => each.sizes.flatMap((size) => wrongSizes(each, size))),
})

export const cutFile = (): DraftFile => ({
  name: 'messages/cut.json',
  title: 'Payloads that are cut off, with Payload Length and Length that agree with what is left',
  flags: {},
  drafts: [...cuts.flatMap(([each, lengths]) => lengths.map((length) => cut(each, length))), ...proposalCuts.map(cutProposal)],
})

const sized: readonly Sample[] = [
  saIke,
  saEspAh,
  saTlv,
  ke,
  idFqdn,
  idIpv6,
  cert,
  certreq,
  auth,
  nonce,
  cookie,
  rekeySa,
  deleteIke,
  deleteEsp,
  vendorId,
  tsIpv4,
  tsIpv6,
  sk,
  skf,
  cpReply,
  eapRequest,
  eapSuccess,
  named('unknown-200'),
]

/** What they come to is no fault, or none that the RFC names: an SPI without a Protocol ID, no SPI. */
const notWrong: ReadonlySet<string> = new Set(['n-cookie-spi-size-plus-1', 'n-rekey-sa-spi-size-zero'])

const labelSections: Readonly<Record<string, string>> = {
  'Payload Length': '3.2',
  'Proposal Length': '3.3.1',
  'Num Transforms': '3.3.1',
  'Transform Length': '3.3.2',
  'Selector Length': '3.13.1',
}

function sectionOf(each: Sample, label: string): Pick<Draft, 'document' | 'section'> {
  const name = label.replace(/ \d+$/, '')
  if (name === 'Attribute Length') return { document: 'RFC 7296', section: each.section === '3.3' ? '3.3.5' : '3.15.1' }
  if (name === 'SPI Size' && each.section === '3.3') return { document: 'RFC 7296', section: '3.3.1' }
  return { document: 'RFC 7296', section: labelSections[name] ?? each.section }
}

function wrongSizes(each: Sample, { label, offset, octets, value }: Size): readonly Draft[] {
  const largest = 256 ** octets - 1
  const wrong = [
    ['zero', 'zero', 0],
    ['minus-1', 'one too small', value - 1],
    ['plus-1', 'one too large', value + 1],
    ['largest', 'the largest number', largest],
  ] as const
  return wrong
    .filter(([, , number], i) => number >= 0 && number !== value && wrong.findIndex(([, , same]) => same === number) === i)
    .flatMap(([name, words, number]) => {
      const id = `${each.id}-${label.toLowerCase().replaceAll(' ', '-')}-${name}`
      if (notWrong.has(id)) return []
      const changed = each.octets.slice()
      if (octets === 1) changed[offset] = number
      else putU16(changed, offset, number)
      return malformed({
        id,
        title: `${each.title}: ${label} is ${number}, ${words}; ${value} would be right`,
        ...sectionOf(each, label),
        octets: message(id, homeOf(each), [{ type: each.type, octets: changed }]),
      })
    })
}

const upTo = (last: number, first = 4): readonly number[] => Array.from({ length: last - first + 1 }, (_, i) => first + i)

/** Lengths at which there is no doubt: fixed fields are missing, or what lengths and counts inside promise. */
const cuts: readonly (readonly [Sample, readonly number[]])[] = [
  [saIke, [4, 5, 7, 8, 9, 11, 12, 14, 15, 16, 19, 20, 21, 23, 24, 26, 27, 28, 31, 32, 35, 36, 39, 40, 43, 44, 47]],
  [saEspAh, [6, 12, 15, 16, 23, 24, 27, 28, 31, 32, 35, 37, 39, 40, 43, 44, 47, 48, 51, 55, 56, 59, 60, 63]],
  [saTlv, [20, 22, 23, 24, 28, 31, 32, 36]],
  [ke, upTo(7)],
  [idFqdn, upTo(7)],
  [idIpv4, [...upTo(7), 8, 11]],
  [idIpv6, [8, 12, 23]],
  [cert, [4]],
  [certreq, [4]],
  [auth, upTo(7)],
  [nonce, [4, 5, 12, 19]],
  [cookie, upTo(7)],
  [rekeySa, [...upTo(7), 8, 9, 11]],
  [deleteIke, upTo(7)],
  [deleteEsp, [4, 7, 8, 9, 11, 12, 15]],
  [tsIpv4, [...upTo(7), 8, 9, 11, 12, 16, 20, 23, 24, 25, 27, 28, 32, 39]],
  [tsIpv6, [7, 8, 11, 12, 15, 16, 31, 32, 47]],
  [skf, upTo(7)],
  [cpReply, [...upTo(7), 9, 10, 11, 12, 13, 15, 17, 19, 20, 23]],
  [eapRequest, [...upTo(7), 8, 9, 13]],
  [eapSuccess, [4, 6, 7]],
]

function cut(each: Sample, length: number): Draft {
  const id = `${each.id}-to-${length}`
  const octets = each.octets.slice(0, length)
  putU16(octets, 2, length)
  return malformed({
    id,
    title: `${each.title}: cut to ${length} octets of ${each.octets.length}`,
    document: each.document,
    section: each.section,
    octets: message(id, homeOf(each), [{ type: each.type, octets }]),
  })
}

/** With a Proposal Length that agrees, too. */
const proposalCuts: readonly number[] = [11, 12, 15, 19, 20, 23, 24, 27, 28, 31, 35, 39]

function cutProposal(length: number): Draft {
  const id = `${saEsp.id}-proposal-to-${length}`
  const octets = saEsp.octets.slice(0, length)
  putU16(octets, 2, length)
  putU16(octets, 6, length - 4)
  return malformed({
    id,
    title: `${saEsp.title}: cut to ${length} octets of ${saEsp.octets.length}, and Proposal Length agrees`,
    section: '3.3.1',
    octets: message(id, homeOf(saEsp), [{ type: saEsp.type, octets }]),
  })
}

/** Changes the header's Length. */
export function withLength(octets: Uint8Array, length: number): Uint8Array {
  const changed = octets.slice()
  putU32(changed, 24, length)
  return changed
}
