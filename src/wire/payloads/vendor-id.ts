// Vendor ID payload. RFC 7296 §3.12.
import { asciiText } from '../../bytes/bytes.ts'
import type { Struct } from '../fields.ts'
import { rest } from '../layout.ts'
import type { VendorIdPayload } from '../message.ts'
import { payload } from './generic-header.ts'

export const vendorId: Struct<VendorIdPayload> = payload('V', 'RFC 7296 §3.12', [
  rest('vendorId', 'Vendor ID (VID)', (value) => (asciiText(value) === undefined ? undefined : { text: value })),
])
