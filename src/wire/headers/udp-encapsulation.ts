// What may come on the NAT traversal port beside ESP, as tables. RFC 3948 §2.2, §2.3.
import type { Struct } from '../fields.ts'
import { fixed, struct } from '../layout.ts'

export const nonEspMarkerTable: Struct<{ readonly marker: Uint8Array }> = struct({
  name: 'marker',
  title: 'Non-ESP Marker',
  rfc: 'RFC 3948 §2.2',
  fields: [fixed('marker', 4, 'Non-ESP Marker', () => 'IKE follows, not ESP')],
})

export const natKeepalive: Struct<{ readonly octet: Uint8Array }> = struct({
  name: 'keepalive',
  title: 'NAT-keepalive',
  rfc: 'RFC 3948 §2.3',
  fields: [fixed('octet', 1, 'NAT-keepalive')],
})
