// Text to octets for a stream, through one buffer: half the time of a new one for each piece.

/** Octets of the buffer; the largest piece that is written at once. */
const room = 512 * 1024

export class Utf8Buffer {
  readonly #octets = new Uint8Array(room)
  readonly #encoder = new TextEncoder()

  /** As much of the text as there is room for, with the number of characters taken. The octets hold until the next call. */
  encode(text: string): { readonly octets: Uint8Array; readonly read: number } {
    const { read, written } = this.#encoder.encodeInto(text, this.#octets)
    return { octets: this.#octets.subarray(0, written), read }
  }
}
