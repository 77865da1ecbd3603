import { type AddressInfo, connect, createServer } from 'node:net'

/** Another address of a relay, as long as they come: that of a proxy which keeps relays on paths. */
export const longAddress = async (relay: string): Promise<{ readonly url: string; close(): Promise<void> }> => {
  const { hostname, port } = new URL(relay)
  const proxy = createServer((from) => {
    from.once('data', (head) => {
      const to = connect(Number(port), hostname)
      to.write(head.toString('latin1').replace(/^GET \S+/, 'GET /'), 'latin1')
      from.pipe(to).pipe(from)
      for (const [one, other] of [
        [from, to],
        [to, from],
      ] as const)
        one.on('error', () => other.destroy()).on('close', () => other.destroy())
    })
    from.on('error', () => undefined)
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  const { port: own } = proxy.address() as AddressInfo
  return {
    url: `ws://127.0.0.1:${own}/relay-of-the-philharmonic-choir-of-great-waldenburg`,
    close: () => new Promise((resolve) => proxy.close(() => resolve())),
  }
}
