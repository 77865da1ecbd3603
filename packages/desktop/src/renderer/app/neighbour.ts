interface Listed<Id> {
  readonly id: Id
  readonly unread: number
}

/** The conversation before or after the open one, around the ends; undefined if there is no other to go to. */
export const neighbour = <Id>(
  list: readonly Listed<Id>[],
  open: Id | undefined,
  step: 1 | -1,
  unreadOnly: boolean,
): Id | undefined => {
  const at = list.findIndex(({ id }) => id === open)
  const from = at === -1 && step === -1 ? list.length : at
  const others = list.map((_, index) => list[(from + step * (index + 1) + 2 * list.length) % list.length])
  return others.find((item) => item !== undefined && item.id !== open && (!unreadOnly || item.unread > 0))?.id
}
