// What runs inside a page of `decode --html` for a test: it looks at texts and computed colours, not at how the page knows what belongs together.

/** For each region what lights (changes its colour) when each octet, and each row, is pointed at. */
export const lights = `(() => {
  const colour = (element) => getComputedStyle(element).backgroundColor
  const point = (element) => element.dispatchEvent(new MouseEvent('mouseover', { bubbles: true }))
  return [...document.querySelectorAll('.region')].map((region) => {
    const pieces = [...region.querySelectorAll('pre b')]
    // Where each octet of the region is.
    const places = pieces.flatMap((piece) => piece.textContent.split(' ').map(() => piece))
    const rows = [...region.querySelectorAll('li')].filter((item) => item.dataset.f).map((item) => item.querySelector('p, summary'))
    point(document.body)
    const dark = new Map([...pieces, ...rows].map((element) => [element, colour(element)]))
    const lit = (target) => {
      point(target)
      const changed = new Set([...dark].filter(([element, before]) => colour(element) !== before).map(([element]) => element))
      const among = (elements) => elements.flatMap((element, i) => (changed.has(element) ? [i] : []))
      return { octets: among(places), rows: among(rows) }
    }
    const known = new Map(pieces.map((piece) => [piece, lit(piece)]))
    return { octets: places.map((piece) => known.get(piece)), rows: rows.map(lit) }
  })
})()`

/** What can be seen: octets and rows of each region, and how far the page is wider than its window. */
export const shown = `(() => {
  // What is outside of the window is not laid out, and has no text, until someone scrolls there.
  for (const section of document.querySelectorAll('section')) section.style.contentVisibility = 'visible'
  const texts = (element) => element.innerText.replace(/\\s+/g, ' ').trim()
  return {
    overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    octets: [...document.querySelectorAll('.region > pre')].map((octets) =>
      octets.innerText.split('\\n').map((line) => line.slice(4).replaceAll(' ', '')).join('')),
    rows: [...document.querySelectorAll('.region')].map((region) =>
      [...region.querySelectorAll('li[data-f]')].map((item) => {
        const [name, value] = item.querySelector('p, summary').children
        const registry = [...value.querySelectorAll('i')].map(texts).join('')
        return [texts(name), texts(value).slice(0, registry === '' ? undefined : -registry.length).trim()]
      })),
  }
})()`
