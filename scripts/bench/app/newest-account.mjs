/** Runs in a page: the address and the store of the identity that the app made. It uses nothing outside itself. */
export const newestAccount = () =>
  new Promise((resolve, reject) => {
    const opening = indexedDB.open('dchat-app')
    opening.onerror = () => reject(opening.error)
    opening.onsuccess = () => {
      const asked = opening.result.transaction('accounts').objectStore('accounts').getAll()
      asked.onsuccess = () => {
        opening.result.close()
        const [{ address, store }] = asked.result
        resolve({ address, store })
      }
    }
  })
