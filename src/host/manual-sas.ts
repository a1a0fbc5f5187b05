// SAs whose keys were not negotiated: what has to be right about them before the first packet. RFC 4301 §4.5.1.
import { ApiMisuse } from '../contract/faults.ts'
import type { SaInstall } from '../contract/install.ts'
import { formatSpi } from '../contract/units.ts'
import { protocol } from '../iana/protocols.ts'
import { isSpi } from '../ipsec/sad.ts'
import { encrypts } from '../policy/algorithms.ts'
import { faultOfDummies } from '../policy/dummies.ts'
import type { HostOptions } from './host.ts'

/** Throws ApiMisuse that names the SA. */
export function checkManualSas({ provider, bare = 'esp', dangerManualSas: all = [] }: HostOptions): void {
  for (const sa of all) {
    const fault = faultOf(sa, bare)
    const refuse = (why: string): never => {
      throw new ApiMisuse(`the manual SA ${formatSpi(sa.spi)} ${why}`)
    }
    if (fault !== undefined) refuse(fault)
    const lengths = provider.packetKeyLengths(sa.suite)
    if (lengths === undefined) return refuse(`has a suite that the provider "${provider.name}" does not have`)
    for (const kind of ['encryption', 'integrity'] as const) {
      const length = (kind === 'encryption' ? sa.encryptionKey : sa.integrityKey)?.length ?? 0
      if (length !== lengths[kind]) refuse(`has ${length} octets of ${kind} key, not ${lengths[kind]}`)
    }
    const rivals = all.filter(({ direction, spi, child }) => direction === sa.direction && (spi === sa.spi || child === sa.child))
    // Outbound, the SPI is the peer's choice: two peers may have made the same.
    if (sa.direction === 'in' && rivals.length > 1) refuse('is not the only one with this SPI, or with this id')
  }
}

/** Whether policies may name it. */
export const isManual = (all: readonly SaInstall[], connection: string, childName: string): boolean =>
  all.some((sa) => sa.connection === connection && sa.childName === childName)

function faultOf({ child, spi, suite, encapsulation, dummies }: SaInstall, bare: 'esp' | 'ip'): string | undefined {
  if (child >= 0) return 'has an id that is not negative: IKE counts its own from 1 on'
  if (!isSpi(spi)) return 'has a reserved SPI (RFC 4302 §2.4, RFC 4303 §2.1)'
  if (dummies !== undefined && !encrypts(suite)) return 'has dummies, and does not encrypt: whoever looks would tell them from packets'
  const wrong = dummies === undefined ? undefined : faultOfDummies(dummies)
  if (wrong !== undefined) return `is wrong: ${wrong}`
  if (suite.protocol !== protocol.AH) return undefined
  if (encapsulation === 'udp') return 'is of AH, which is never in UDP'
  return bare === 'ip' ? undefined : 'is of AH, which needs `bare` `ip`'
}
