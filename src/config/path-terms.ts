// How packets fit onto their path, in the words of a file: mtu, pmtu_discovery, copy_df, copy_ecn, copy_dscp and their kin.
import type { PathTerms } from '../contract/path-terms.ts'
import { pathDefaults } from '../policy/defaults.ts'
import { parseDscp, parseMtu } from './quantities.ts'
import type { ChildShape } from './shape.ts'

export function pathTerms(shape: ChildShape): PathTerms {
  const copies = shape.copy_dscp ?? 'out'
  const mtu = shape.mtu === undefined ? undefined : parseMtu(shape.mtu)
  const dscp = shape.outer_dscp === undefined ? undefined : parseDscp(shape.outer_dscp)
  return {
    mtu: mtu?.ok === true && mtu.value !== 0 ? mtu.value : undefined,
    tooBig: shape.pmtu_discovery === 'no' ? 'ignore' : pathDefaults.tooBig,
    undelivered: shape.heed_unreachable === 'no' ? 'ignore' : pathDefaults.undelivered,
    fragmentation: shape.fragment_after === 'yes' ? 'after-sealing' : pathDefaults.fragmentation,
    laterFragments: shape.later_fragments === 'no' ? 'never' : pathDefaults.laterFragments,
    dontFragment: dfWords[shape.copy_df ?? 'yes'],
    ecn: shape.copy_ecn === 'no' ? 'compatibility' : pathDefaults.ecn,
    outerDscp: copies === 'out' || copies === 'yes' ? 'copy' : dscp?.ok === true ? dscp.value : 0,
    innerDscp: copies === 'in' || copies === 'yes' ? 'copy' : 'keep',
    icmpErrors: shape.icmp_errors === 'selectors' ? 'by-selectors' : pathDefaults.icmpErrors,
  }
}

const dfWords = { yes: 'copy', no: 'clear', set: 'set' } as const
