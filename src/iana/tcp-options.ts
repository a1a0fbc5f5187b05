// TCP Option Kind Numbers: those that are met in the wild. RFC 9293 §3.1.
import { type Registry, registry } from './registry.ts'

export const tcpOption = { EOL: 0, NOP: 1, MSS: 2, WINDOW_SCALE: 3, SACK_PERMITTED: 4, SACK: 5, TIMESTAMPS: 8, FAST_OPEN: 34 } as const

export const tcpOptions: Registry = registry({
  title: 'TCP Option Kind Numbers',
  numbers: tcpOption,
  source: 'RFC 9293',
  sources: { 'RFC 7323': ['WINDOW_SCALE', 'TIMESTAMPS'], 'RFC 2018': ['SACK_PERMITTED', 'SACK'], 'RFC 7413': ['FAST_OPEN'] },
  names: {
    EOL: 'End of Option List',
    NOP: 'No-Operation',
    MSS: 'Maximum Segment Size',
    WINDOW_SCALE: 'Window Scale',
    SACK_PERMITTED: 'SACK Permitted',
    TIMESTAMPS: 'Timestamps',
    FAST_OPEN: 'TCP Fast Open Cookie',
  },
  privateUse: [],
})
