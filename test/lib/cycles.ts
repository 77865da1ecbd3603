/** The groups of nodes that reach each other (Tarjan's strongly connected components), without the single ones. */
export const cycles = (edges: ReadonlyMap<string, readonly string[]>): readonly (readonly string[])[] => {
  const order = new Map<string, number>()
  const low = new Map<string, number>()
  const stack: string[] = []
  const found: string[][] = []

  const visit = (node: string): void => {
    const index = order.size
    order.set(node, index)
    low.set(node, index)
    stack.push(node)
    for (const next of edges.get(node) ?? []) {
      if (!order.has(next)) visit(next)
      // A node that left the stack belongs to a component that is complete.
      if (stack.includes(next)) low.set(node, Math.min(low.get(node) as number, low.get(next) as number))
    }
    if (low.get(node) !== index) return
    const group = stack.splice(stack.indexOf(node))
    if (group.length > 1 || (edges.get(node) ?? []).includes(node)) found.push(group.toSorted())
  }

  for (const node of edges.keys()) if (!order.has(node)) visit(node)
  return found
}
