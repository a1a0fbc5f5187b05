// What else may come on the NAT traversal port. RFC 3948 §2.2, §2.3.

/** Stands before IKE, where ESP would have its SPI, which is never zero. */
export const nonEspMarker: Uint8Array = new Uint8Array(4)
