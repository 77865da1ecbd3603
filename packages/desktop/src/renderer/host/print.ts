/**
 * Prints a page by an invisible frame. The frame's own document (print.html) allows styles that stand in the text and
 * nothing else, no script above all, whatever the page says.
 */
export const printPage = async (html: string): Promise<void> => {
  const frame = document.createElement('iframe')
  frame.title = 'Print'
  frame.ariaHidden = 'true'
  frame.inert = true
  // Out of sight and yet drawn: some browsers print nothing of a frame that is hidden.
  Object.assign(frame.style, { position: 'fixed', left: '-10000px', width: '800px', height: '600px', border: '0' })
  frame.src = './print.html'
  const loaded = new Promise((resolve) => frame.addEventListener('load', resolve, { once: true }))
  document.body.append(frame)
  await loaded
  const { contentDocument: inner, contentWindow: view } = frame
  if (inner === null || view === null) throw new Error('the frame to print was taken away')
  const page = new DOMParser().parseFromString(html, 'text/html').documentElement
  inner.documentElement.replaceWith(inner.adoptNode(page))
  const over = new Promise((resolve) => view.addEventListener('afterprint', resolve, { once: true }))
  view.print()
  await over
  frame.remove()
}
