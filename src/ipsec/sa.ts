// The SA of an install, by its protocol. RFC 4301 §4.1.
import type { SaInstall } from '../contract/install.ts'
import type { CryptoProvider } from '../crypto/provider.ts'
import { protocol } from '../iana/protocols.ts'
import { AhInboundSa } from './ah/inbound.ts'
import { AhOutboundSa } from './ah/outbound.ts'
import { EspInboundSa } from './esp/inbound.ts'
import { EspOutboundSa } from './esp/outbound.ts'
import type { InboundSa } from './inbound.ts'
import type { OutboundSa } from './outbound.ts'
import type { ReplayWindow, SequenceNumber } from './replay.ts'

/** `dangerLastSequence` continues after that number. Numbers that the key has been used with must never come again: they are the IV. */
export function createOutboundSa(install: SaInstall, provider: CryptoProvider, dangerLastSequence?: SequenceNumber): OutboundSa {
  const Sa = install.suite.protocol === protocol.AH ? AhOutboundSa : EspOutboundSa
  return new Sa(install, provider, dangerLastSequence)
}

/** `window` is one that has seen packets already. */
export function createInboundSa(install: SaInstall, provider: CryptoProvider, window?: ReplayWindow): InboundSa {
  const Sa = install.suite.protocol === protocol.AH ? AhInboundSa : EspInboundSa
  return new Sa(install, provider, window)
}
