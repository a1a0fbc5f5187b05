// Text on its way to a stream, as octets in chunks. Each text is encoded when it comes: until then a string is no more than a plan of itself,
// and a long plan is dear to carry out.

/** Octets of a chunk. */
const room = 256 * 1024
/** A character becomes at most three octets (RFC 3629 §4: those beyond the BMP are two characters). */
const mostPerCharacter = 3

export class TextOutput {
  readonly #encoder = new TextEncoder()
  #full: Uint8Array[] = []
  #chunk = new Uint8Array(room)
  #at = 0
  #pending = 0

  /** Octets that wait. */
  get pending(): number {
    return this.#pending
  }

  add(text: string): void {
    if (mostPerCharacter * text.length > this.#chunk.length - this.#at) this.#next(text.length)
    const { written } = this.#encoder.encodeInto(text, this.#chunk.subarray(this.#at))
    this.#at += written
    this.#pending += written
  }

  /** All that waits, for whoever writes it: the chunks are not used again. */
  take(): readonly Uint8Array[] {
    const chunks = [...this.#full, this.#chunk.subarray(0, this.#at)].filter(({ length }) => length > 0)
    this.#full = []
    this.#chunk = this.#chunk.subarray(this.#at)
    if (this.#chunk.length < room / 4) this.#chunk = new Uint8Array(room)
    this.#at = 0
    this.#pending = 0
    return chunks
  }

  /** A chunk with room for so many characters. */
  #next(characters: number): void {
    this.#full.push(this.#chunk.subarray(0, this.#at))
    this.#chunk = new Uint8Array(Math.max(room, mostPerCharacter * characters))
    this.#at = 0
  }
}
