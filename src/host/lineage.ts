// By what names a Child SA is known: its own, and those of the Child SAs that it has taken the place of. Whoever wrote down which one a
// flow came through finds the flow's way back after any number of rekeys and reauthentications. RFC 7296 §2.8.
import type { ChildSaId } from '../contract/units.ts'

/** Former names that are kept for one Child SA: with the usual hour between two rekeys, those of a working day. */
const namesKept = 8

export class Lineage {
  /** Who goes on under a former name, the newest first: while two rekeys collide there are two. */
  readonly #heirs = new Map<ChildSaId, ChildSaId[]>()
  /** The former names of a Child SA, the newest first. */
  readonly #names = new Map<ChildSaId, readonly ChildSaId[]>()

  succeed(old: ChildSaId, heir: ChildSaId): void {
    const names = [old, ...(this.#names.get(old) ?? [])].slice(0, namesKept)
    this.#names.set(heir, names)
    for (const name of names) this.#heirs.set(name, [heir, ...(this.#heirs.get(name) ?? [])])
  }

  /** It is gone. */
  forget(child: ChildSaId): void {
    for (const name of this.#names.get(child) ?? []) {
      const left = (this.#heirs.get(name) ?? []).filter((heir) => heir !== child)
      if (left.length === 0) this.#heirs.delete(name)
      else this.#heirs.set(name, left)
    }
    this.#names.delete(child)
  }

  /** What it is known by beside its own name, the newest first. */
  names(heir: ChildSaId): readonly ChildSaId[] {
    return this.#names.get(heir) ?? none
  }

  /** Those that go on under this name, the newest first; not the one whose own name it is. */
  heirs(name: ChildSaId): readonly ChildSaId[] {
    return this.#heirs.get(name) ?? none
  }
}

const none: readonly ChildSaId[] = []
