/**
 * The other side of `generator`: each order has one answer, and the process ends with the one that started it.
 * @param {Record<string, (options: any) => Promise<unknown>>} orders
 */
export const takeOrders = (orders) => {
  process.on('message', ({ order, ...options }) => {
    orders[order](options).then(
      (result) => process.send({ result }),
      (error) => process.send({ error: error.stack ?? String(error) }),
    )
  })
  process.on('disconnect', () => process.exit())
}
