/** What a browser needs for stores that are linked or restored, behind one door (client/later.ts says why). */
export { verifyBackup } from '../../client/backup/import.ts'
export { intoBrowserStore } from './import-backup.ts'
export { linkInBrowser } from './link-device.ts'
