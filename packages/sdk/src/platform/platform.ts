import type {
  BackupInfo,
  ImportBackupOptions,
  ImportedBackup,
  RelockOptions,
  VerifyBackupOptions,
} from '../client/backup/options.ts'
import type { Client } from '../client/client.ts'
import type { ClientOptions } from '../client/client-options.ts'
import type { LinkDeviceOptions } from '../client/devices/link-options.ts'

/** What differs between Node and browsers; `#platform` in package.json chooses by the importer's conditions. */
export interface Platform {
  createClient(options: ClientOptions): Promise<Client>
  linkDevice(options: LinkDeviceOptions): Promise<Client>
  importBackup(options: ImportBackupOptions): Promise<ImportedBackup>
  verifyBackup(options: VerifyBackupOptions): Promise<BackupInfo>
  relockStore(options: RelockOptions): Promise<void>
}
