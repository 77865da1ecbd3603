import type { Notifications, Presence } from '../client.ts'
import { notificationsOver } from '../notifications/notifications.ts'
import type { Desk } from './desk.ts'
import { liveStream } from './streams.ts'

export const sharedPresence = (desk: Desk): Presence => ({
  typing: (conversation) => desk.call('presence.typing', [conversation]),
  stopped: (conversation) => desk.call('presence.stopped', [conversation]),
  of: (address) => desk.call('presence.of', [address]),
  stream: (options = {}) => liveStream(desk, 'presence.stream', [], options),
})

export const sharedNotifications = (desk: Desk): Notifications =>
  notificationsOver((options) => liveStream(desk, 'notifications.stream', [], options))
