// Rectangles of any number of sides, and what is left of one when another is cut out of it.

/** For each dimension the first value in it, and the first behind it. None is empty. */
export type Rectangle = readonly (readonly [first: number, end: number])[]

/** The rest in disjoint pieces; `undefined` where the two have nothing in common. */
export function cutOut(from: Rectangle, hole: Rectangle): readonly Rectangle[] | undefined {
  for (const [i, [first, end]] of from.entries()) {
    const [holeFirst, holeEnd] = hole[i] ?? [0, 0]
    if (holeEnd <= first || end <= holeFirst) return undefined
  }
  const pieces: Rectangle[] = []
  let core = from
  for (const [i, [first, end]] of from.entries()) {
    const [holeFirst, holeEnd] = hole[i] ?? [0, 0]
    if (first < holeFirst) pieces.push(core.with(i, [first, holeFirst]))
    if (holeEnd < end) pieces.push(core.with(i, [holeEnd, end]))
    core = core.with(i, [Math.max(first, holeFirst), Math.min(end, holeEnd)])
  }
  return pieces
}
