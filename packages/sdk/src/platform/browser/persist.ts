interface StorageManager {
  persisted?(): Promise<boolean>
  persist?(): Promise<boolean>
}

/**
 * Asks the browser not to throw away this site's data when the disk gets full. Some decide by themselves and some ask
 * the user, who may take any time: nobody waits for the answer, and a no changes nothing.
 */
export const askToPersist = (): void => {
  const ask = async (): Promise<void> => {
    const manager = (globalThis as { navigator?: { storage?: StorageManager } }).navigator?.storage
    if (manager?.persist === undefined || (await manager.persisted?.()) === true) return
    await manager.persist()
  }
  ask().catch(() => undefined)
}
