import { MARK } from '../invariants/secrecy.ts'
import type { Attacker } from '../schedule/run.ts'
import { ACTS } from './acts.ts'
import { hostileMember } from './member.ts'

/** Lets a hostile person's device do one of the acts, beside its client, with what its store holds at that moment. */
export const createAttacker = (): Attacker => {
  const memories = new Map<string, Map<string, unknown>>()
  return async (stage, step) => {
    const device = stage.running(step.by)
    const act = ACTS[step.act]
    if (act === undefined) throw new Error(`there is no act ${step.act}; there are ${Object.keys(ACTS).join(', ')}`)
    const chat = stage.chats.get(step.chat)
    const room = device === undefined || chat === undefined ? undefined : await stage.roomOf(device, chat)
    const relay = stage.relay()
    if (device === undefined || room === undefined || relay === undefined) return false
    const memory = memories.get(step.by) ?? new Map()
    memories.set(step.by, memory)
    const attack = async () => {
      const member = await hostileMember(device.records, device.crypto, room)
      const text = `${MARK} ${step.do} ${step.id} by ${step.by}`
      const link = device.link(relay)
      const { epoch } = member.group
      try {
        const context = { member, link, now: stage.sim.now(), text, memory }
        if ((await act.run(context)) && act.proven)
          stage.offences.push({ room, term: member.room.term, epoch, address: member.self.address })
      } finally {
        await link.close()
      }
    }
    stage.begin(device, `#${step.id} ${step.act}`, attack())
    return true
  }
}
