// The "newc" archive format that Linux unpacks as its first file system (Documentation/driver-api/early-userspace/buffer-format).

export type ArchiveEntry =
  | { readonly kind: 'directory'; readonly path: string }
  | { readonly kind: 'file'; readonly path: string; readonly content: Uint8Array }
  | { readonly kind: 'link'; readonly path: string; readonly target: string }

/** Entries in the order given; a directory comes before what is in it. Paths have no leading slash. All files are executable. */
export function encodeArchive(entries: readonly ArchiveEntry[]): Uint8Array {
  const parts: Uint8Array[] = []
  for (const [i, entry] of entries.entries()) parts.push(...encodeEntry(i + 1, entry))
  parts.push(...encodeHeader(0, 0, 0, 'TRAILER!!!'))
  return Buffer.concat(parts)
}

function encodeEntry(inode: number, entry: ArchiveEntry): readonly Uint8Array[] {
  if (entry.kind === 'directory') return encodeHeader(inode, 0o040755, 0, entry.path)
  const mode = entry.kind === 'link' ? 0o120777 : 0o100755
  const content = entry.kind === 'link' ? Buffer.from(entry.target) : entry.content
  return [...encodeHeader(inode, mode, content.length, entry.path), ...padded(content)]
}

function encodeHeader(inode: number, mode: number, size: number, path: string): readonly Uint8Array[] {
  const name = Buffer.from(`${path}\0`)
  const links = mode >>> 12 === 4 ? 2 : 1
  // inode, mode, uid, gid, links, mtime, size, device (2), special device (2), length of the name, checksum
  const fields = [inode, mode, 0, 0, links, 0, size, 0, 0, 0, 0, name.length, 0]
  const header = Buffer.from(`070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`)
  return padded(Buffer.concat([header, name]))
}

/** To a multiple of four octets. */
function padded(bytes: Uint8Array): readonly Uint8Array[] {
  const missing = (4 - (bytes.length % 4)) % 4
  return missing === 0 ? [bytes] : [bytes, new Uint8Array(missing)]
}
