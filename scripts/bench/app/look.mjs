/** Put into each page of the app before its own scripts run: tells when something can be seen. Serialised, so it imports nothing. */
export const look = () => {
  /** ms since the navigation began, in the moment after the frame that shows it. */
  const seen = (isThere) =>
    new Promise((resolve) => {
      const frame = () => {
        if (!isThere()) return requestAnimationFrame(frame)
        const { port1, port2 } = new MessageChannel()
        port1.onmessage = () => resolve(performance.now())
        port2.postMessage(undefined)
      }
      requestAnimationFrame(frame)
    })

  const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve))
  /** A task of its own after the frame, as a person's turning of a wheel is. */
  const nextTask = () =>
    new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel()
      port1.onmessage = () => resolve()
      port2.postMessage(undefined)
    })
  const list = () => document.querySelector('ul[aria-label="Conversations"]')
  const log = () => document.querySelector('[role="log"]')
  const buttons = () => [...(list()?.querySelectorAll('button') ?? [])]
  const isWithin = (element, outer) => {
    const a = element.getBoundingClientRect()
    const b = outer.getBoundingClientRect()
    return a.height > 0 && a.top < b.bottom && a.bottom > b.top
  }

  /** Shows these words in the open conversation, on the screen. */
  const says = (text) => {
    const element = log()
    const articles = [...(element?.querySelectorAll('article') ?? [])]
    return articles.some((each) => each.textContent.includes(text) && isWithin(each, element))
  }

  /** Frames of so many steps: how long each took, and how far what was looked at moved besides. */
  const scroll = async (element, rows, { frames, step }) => {
    const took = []
    const jumps = []
    const anchorOf = () => {
      const all = [...element.querySelectorAll(rows)].filter((each) => isWithin(each, element))
      return all[Math.floor(all.length / 2)]
    }
    let before = await nextFrame()
    await nextTask()
    for (let i = 0; i < frames; i++) {
      const anchor = anchorOf()
      const top = anchor?.getBoundingClientRect().top
      const from = element.scrollTop
      element.scrollTop += step
      const moved = element.scrollTop - from
      const now = await nextFrame()
      took.push(now - before)
      before = now
      // What was painted counts, not what was on its way.
      await nextTask()
      // A row that left, or lost its place to another one, tells nothing.
      if (anchor?.isConnected) jumps.push(Math.abs(anchor.getBoundingClientRect().top - top + moved))
    }
    return { took, jumps }
  }

  globalThis.app = {
    listSeen: seen(() => buttons().some((each) => each.textContent.includes('Person'))),
    visible: () => buttons().map((button) => button.textContent),
    /** Presses a conversation in the list; ms until its words are there. */
    open: async (person, text) => {
      const button = buttons().find((each) => each.textContent.includes(person))
      const since = performance.now()
      button.click()
      return (await seen(() => says(text))) - since
    },
    scrollLog: (how) => scroll(log(), 'article', how),
    scrollList: (how) => scroll(list().parentElement, 'ul[aria-label="Conversations"] > li', how),
    showList: async (share) => {
      const scroller = list().parentElement
      scroller.scrollTop = share * (scroller.scrollHeight - scroller.clientHeight)
      await nextFrame()
      await seen(() => buttons().length > 4 && !buttons().some((each) => each.textContent.includes('dchat1')))
    },
    elements: () => ({
      log: log().querySelectorAll('*').length + 1,
      list: list().querySelectorAll('*').length + 1,
      page: document.querySelectorAll('*').length,
    }),
    /** Writes a draft, a letter each few frames; what each frame took. */
    write: async (letters) => {
      const field = document.querySelector('textarea')
      const took = []
      let before = await nextFrame()
      for (let i = 0; i < letters * 6; i++) {
        if (i % 6 === 0) {
          field.value += 'a'
          field.dispatchEvent(new Event('input', { bubbles: true }))
        }
        const now = await nextFrame()
        took.push(now - before)
        before = now
      }
      return took
    },
  }
}
