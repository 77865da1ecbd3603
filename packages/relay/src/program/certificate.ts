import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { DchatError } from '@dchat/sdk/wire'
import type { Config } from '../config/schema.ts'
import { type Certificate, checkedCertificate } from '../link/certificate.ts'

type Files = Pick<Config, 'tlsCert' | 'tlsKey'>

export const isTls = ({ tlsCert }: Files): boolean => tlsCert !== undefined

/** The certificate that the settings name. Rejects with `usage/invalid-argument` if it cannot be used. */
export const readCertificate = async ({ tlsCert = '', tlsKey = '' }: Files): Promise<Certificate> =>
  checkedCertificate({ cert: await readPem('tlsCert', tlsCert), key: await readPem('tlsKey', tlsKey) })

const readPem = async (name: string, file: string): Promise<Buffer> => {
  try {
    return await readFile(file)
  } catch (cause) {
    throw new DchatError('usage/invalid-argument', { name, reason: 'the file cannot be read' }, { cause })
  }
}

/** Two readings of the same files have the same print. */
export const printOf = ({ cert, key }: Certificate): string =>
  createHash('sha256').update(cert).update('\0').update(key).digest('hex')
